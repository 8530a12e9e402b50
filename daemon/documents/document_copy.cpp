#include "daemon/documents/document_copy.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/error.hpp"
#include "core/runtime/gather.hpp"

namespace signwatch::daemon {
namespace {

constexpr std::size_t page_size = 500;
constexpr std::size_t at_once = 8;

class NullSink : public DocumentSink {
public:
    void write(std::span<const std::byte> /*bytes*/) override {}
};

/// True if it had to be carried.
Task<bool> carry(DocumentStore& from, DocumentStore& to, ListedDocument document) {
    const std::optional<std::uint64_t> size = co_await to.stat(document.sha256);
    if (size == document.size) co_return false;
    std::unique_ptr<StagedDocument> staged = to.stage(document.size);
    co_await from.get(document.sha256, *staged);
    co_await to.put(std::move(staged));
    co_return true;
}

Task<bool> verify(DocumentStore& to, ListedDocument document) {
    const std::optional<std::uint64_t> size = co_await to.stat(document.sha256);
    if (!size) {
        throw Error(ErrorKind::integrity, "copy_incomplete", "the copy lacks document " + document.sha256);
    }
    NullSink sink;
    co_await to.get(document.sha256, sink);
    co_return true;
}

using Handle = std::function<Task<bool>(const ListedDocument& document)>;

// Eight at a time; true as often as `handle` says so.
Task<std::size_t> handle_page(boost::asio::any_io_executor loop,
                              std::vector<ListedDocument> page,
                              std::size_t first,
                              const Handle& handle) {
    std::vector<Task<bool>> tasks;
    const std::size_t end = std::min(page.size(), first + at_once);
    for (std::size_t i = first; i < end; ++i)
        tasks.push_back(handle(page[i]));
    const std::vector<bool> results = co_await runtime::gather(loop, std::move(tasks));
    co_return static_cast<std::size_t>(std::ranges::count(results, true));
}

Task<CopyCount> go_through(boost::asio::any_io_executor loop,
                           DocumentStore& from,
                           const Handle& handle,
                           std::size_t CopyCount::*counted,
                           const ShowCopy& show) {
    CopyCount count;
    std::string after;
    std::vector<ListedDocument> page = co_await from.list(after, page_size);
    while (!page.empty()) {
        for (std::size_t first = 0; first < page.size(); first += at_once) {
            const std::size_t done = co_await handle_page(loop, page, first, handle);
            count.seen += std::min(at_once, page.size() - first);
            count.*counted += done;
            show(count);
        }
        after = page.back().sha256;
        page = co_await from.list(after, page_size);
    }
    co_return count;
}

}  // namespace

Task<CopyCount> copy_documents(boost::asio::any_io_executor loop,
                               DocumentStore& from,
                               DocumentStore& to,
                               ShowCopy show) {
    const Handle handle = [&from, &to](const ListedDocument& document) { return carry(from, to, document); };
    co_return co_await go_through(loop, from, handle, &CopyCount::copied, show);
}

Task<CopyCount> verify_copy(boost::asio::any_io_executor loop, DocumentStore& from, DocumentStore& to, ShowCopy show) {
    const Handle handle = [&to](const ListedDocument& document) { return verify(to, document); };
    co_return co_await go_through(loop, from, handle, &CopyCount::verified, show);
}

}  // namespace signwatch::daemon
