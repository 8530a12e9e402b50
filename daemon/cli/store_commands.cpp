#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_bar.hpp"

namespace signwatch::cli {
namespace {

using Json = nlohmann::ordered_json;

RecordPlace place_of(const std::string& file, const Context& context) {
    auto configuration = config::load(file, context.providers, config::FileChecks::none);
    return {std::move(configuration.store), std::move(configuration.documents)};
}

bool is_same_place(const RecordPlace& from, const RecordPlace& to) {
    if (from.documents.s3 != to.documents.s3) return false;
    if (!from.documents.s3) return from.store.directory == to.store.directory;
    return from.documents.endpoint == to.documents.endpoint && from.documents.bucket == to.documents.bucket &&
           from.documents.prefix == to.documents.prefix;
}

}  // namespace

ExitCode copy_store(const CopyOptions& options, const Context& context) {
    const RecordPlace from = place_of(options.from, context);
    const RecordPlace to = place_of(options.to, context);
    if (is_same_place(from, to)) {
        throw Error(ErrorKind::permanent, "same_place", "both configurations keep their documents in the same place");
    }
    ProgressBar bar(*context.err, "-", "documents");
    const auto show = [&bar](const daemon::CopyCount& count) { bar.show(count.seen, -1); };
    const daemon::CopyCount copied = context.copy_documents(from, to, show);
    bar.finish(copied.seen);
    const daemon::CopyCount verified = context.verify_documents(from, to, show);
    bar.finish(verified.verified);
    if (options.json) {
        print_json(*context.out,
                   Json{{"documents", copied.seen}, {"copied", copied.copied}, {"verified", verified.verified}});
    } else {
        *context.out << copied.copied << " documents copied, " << copied.seen - copied.copied << " were there, "
                     << verified.verified << " verified\n";
    }
    return ExitCode::ok;
}

}  // namespace signwatch::cli
