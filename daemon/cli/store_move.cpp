#include "daemon/cli/store_move.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include "daemon/cli/document_work.hpp"
#include "daemon/cli/state_backend.hpp"
#include "daemon/store_lock.hpp"

namespace signwatch::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// The kernel takes a lock from a process that was killed only when it has cleared that away.
constexpr seconds patience{2};
constexpr milliseconds between_tries{50};

std::unique_ptr<daemon::StoreLock> lock(const std::string& directory) {
    const auto end = steady_clock::now() + patience;
    for (;;) {
        try {
            return std::make_unique<daemon::StoreLock>(directory);
        } catch (const Error& error) {
            if (error.code() != "store_locked") throw;
            if (steady_clock::now() > end) {
                throw Error(ErrorKind::transient,
                            "store_locked",
                            "a daemon, or another copy, is at work on the store " + directory +
                                ": stop the daemon first (systemctl stop signwatch)");
            }
        }
        std::this_thread::sleep_for(between_tries);
    }
}

/// No daemon works on either directory.
struct Locks {
    explicit Locks(const RecordPlace& from, const RecordPlace& to) : source(lock(from.store.directory)) {
        if (to.store.directory != from.store.directory) target = lock(to.store.directory);
    }

    std::unique_ptr<daemon::StoreLock> source;
    std::unique_ptr<daemon::StoreLock> target;
};

daemon::CopyCount move_documents(const CopyWork& work, const ShowStage& show) {
    DocumentWork documents;
    const auto source = documents.open(work.from);
    const auto target = documents.open_or_make(work.to);
    const auto loop = documents.loop.get_executor();
    const daemon::ShowCopy show_copied = [&show](const daemon::CopyCount& count) {
        show({"documents copied", count.seen, 0});
    };
    daemon::CopyCount count = run_on(documents.loop, daemon::copy_documents(loop, *source, *target, show_copied));
    const daemon::ShowCopy show_verified = [&show, &count](const daemon::CopyCount& verified) {
        show({"documents verified", verified.seen, count.seen});
    };
    count.verified = run_on(documents.loop, daemon::verify_copy(loop, *source, *target, show_verified)).verified;
    return count;
}

copy::ShowMove shown_on(const ShowStage& show, const std::optional<MoveKillPoint>& kill_at) {
    return [&show, kill_at, reached = 0](const copy::MoveProgress& progress) mutable {
        if (kill_at && progress.step == kill_at->step && ++reached == kill_at->count) ::raise(SIGKILL);
        if (progress.step == copy::MoveStep::copied) show({"rows copied", progress.rows, progress.whole});
        if (progress.step == copy::MoveStep::compared) show({"rows compared", progress.rows, progress.whole});
    };
}

// Whoever was cut off should know that nothing is lost.
template <typename Part>
auto with_advice(const Part& part) {
    try {
        return part();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::transient) throw;
        throw Error(error.kind(), error.code(), std::string(error.what()) + "; run the same command again, it goes on");
    }
}

}  // namespace

CopyResult move_store(const CopyWork& work, const ShowStage& show) {
    const Locks locks(work.from, work.to);
    CopyResult result;
    boost::asio::io_context loop(1);
    runtime::SystemClock clock(loop.get_executor());
    const std::string source = work.from.store.database();
    const postgres::Server target = server_of(work.to.store.postgres);
    if (work.record) with_advice([&] { copy::check_move(source, target, clock); });
    if (work.documents) result.documents = with_advice([&] { return move_documents(work, show); });
    if (work.record) {
        const copy::ShowMove show_rows = shown_on(show, work.kill_at);
        result.record = with_advice([&] { return copy::move_record(source, target, clock, show_rows); });
    }
    return result;
}

copy::AbandonReport abandon_store(const RecordPlace& from, const RecordPlace& to) {
    const Locks locks(from, to);
    return copy::abandon_move(from.store.database(), server_of(to.store.postgres));
}

}  // namespace signwatch::cli
