#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/config/configuration.hpp"
#include "core/http/client_factory.hpp"
#include "core/ports/command_stream.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/event_stream.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/ports/verifier.hpp"
#include "core/runtime/offload.hpp"
#include "core/telemetry/metrics.hpp"
#include "daemon/documents/open_documents.hpp"
#include "daemon/store_lock.hpp"

namespace signwatch::daemon {

/// The real things behind the ports, as the configuration names them; owned here in the order of their dependence.
struct Adapters {
    /// Opens the store, and locks it if it is for one daemon. Throws Error: what cannot be opened, and why.
    Adapters(boost::asio::any_io_executor loop,
             Clock& clock,
             const config::Configuration& configuration,
             Progress& progress,
             telemetry::Metrics& metrics);

    /// Whether the last call to every stream succeeded.
    bool streams_connected() const;

    /// The credentials of [documents] as their files are now; nullopt if it has none. Throws Error(permanent).
    std::optional<s3::Credentials> read_credentials(const config::Configuration& configuration) const;
    void adopt(std::optional<s3::Credentials> credentials);

    std::unique_ptr<StoreLock> lock;  ///< null: the state is in a database that several daemons share
    runtime::BlockingPool document_pool;
    runtime::BlockingPool verifier_pool;
    runtime::BlockingPool view_pool;   ///< one thread: `view` is not for two
    runtime::BlockingPool audit_pool;  ///< one thread, of reconciliation: its pages keep nobody else waiting
    std::unique_ptr<StateStore> state;
    std::unique_ptr<StateView> view;
    std::unique_ptr<StateView> audit_view;  ///< used on `audit_pool`
    std::unique_ptr<http::ClientFactory> http;
    OpenDocuments document_place;
    DocumentStore& documents;
    std::unique_ptr<DocumentVerifier> verifier;
    std::unique_ptr<EventStreams> streams;
    std::unique_ptr<CommandStream> commands;            ///< null: no stream of commands is configured
    std::map<Partition, std::string> stream_states;     ///< why each stream cannot be reached; empty: it can
    std::string command_trouble = "not connected yet";  ///< why commands cannot be read; empty: they are
};

}  // namespace signwatch::daemon
