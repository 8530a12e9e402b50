#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "core/http/client_factory.hpp"
#include "core/ports/document_store.hpp"
#include "core/runtime/offload.hpp"
#include "core/runtime/system_clock.hpp"
#include "daemon/cli/blocking.hpp"
#include "daemon/cli/context.hpp"

namespace signwatch::cli {

/// The loop that document stores live on, and what they share. It outlives the stores.
class DocumentWork {
public:
    /// The documents of a record that is there. Throws Error(transient, "store_missing") if there is no such directory.
    std::unique_ptr<DocumentStore> open(const RecordPlace& place);
    /// The same, made if it is missing.
    std::unique_ptr<DocumentStore> open_or_make(const RecordPlace& place);

    boost::asio::io_context loop{1};

private:
    NoProgress progress_;
    runtime::SystemClock clock_{loop.get_executor()};
    std::unique_ptr<http::ClientFactory> http_ = http::make_client_factory(loop.get_executor());
    runtime::BlockingPool pool_{4};
};

}  // namespace signwatch::cli
