#include "daemon/adapters.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "core/events/redis/redis_command_stream.hpp"
#include "core/events/redis/redis_event_stream.hpp"
#include "core/verify/verifier_pool.hpp"
#include "daemon/cli/redis_settings.hpp"
#include "daemon/cli/state_backend.hpp"

namespace signwatch::daemon {
namespace {

// Beside our own program in a build tree, in libexec when installed.
std::filesystem::path verifier_program() {
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const std::filesystem::path beside = here / "signwatch-verifier";
    return ::access(beside.c_str(), X_OK) == 0 ? beside
                                               : here.parent_path() / "libexec" / "signwatch" / "signwatch-verifier";
}

// Daemons that share a database may share the directory as well.
std::unique_ptr<StoreLock> lock_of(const config::StoreSettings& store) {
    return store.in_postgres ? nullptr : std::make_unique<StoreLock>(store.directory);
}

}  // namespace

Adapters::Adapters(boost::asio::any_io_executor loop,
                   Clock& clock,
                   const config::Configuration& configuration,
                   Progress& progress,
                   telemetry::Metrics& metrics)
    : lock(lock_of(configuration.store)),
      document_pool(static_cast<std::size_t>(configuration.pipeline.document_workers)),
      verifier_pool(static_cast<std::size_t>(configuration.pipeline.verifier_workers)),
      view_pool(1),
      audit_pool(1),
      state(cli::open_state(configuration.store, progress, cli::Opener::daemon)),
      view(cli::open_state_view(configuration.store)),
      audit_view(cli::open_state_view(configuration.store)),
      http(http::make_client_factory(loop)),
      document_place(
          open_documents(loop, configuration.store, configuration.documents, *http, clock, document_pool, progress)),
      documents(*document_place.store) {
    verify::VerifierSettings settings;
    settings.worker = verifier_program();
    settings.workers = configuration.pipeline.verifier_workers;
    verifier = verify::make_verifier(verifier_pool, settings);
    auto on_state = [this, &metrics](Partition partition, bool connected, const std::string& reason) {
        stream_states[partition] = connected ? "" : reason;
        metrics.set_redis_connected(streams_connected());
    };
    streams = redis::make_event_streams(loop, cli::redis_settings(configuration.redis), on_state);
    if (configuration.redis.commands.empty()) return;
    redis::CommandStreamNames names;
    names.key = configuration.redis.commands;
    names.consumer = redis::consumer_name();
    auto on_command_state = [this](bool connected, const std::string& reason) {
        command_trouble = connected ? "" : reason;
    };
    commands = redis::make_command_stream(loop, cli::redis_settings(configuration.redis), names, on_command_state);
}

bool Adapters::streams_connected() const {
    const auto reached = [](const auto& each) { return each.second.empty(); };
    return !stream_states.empty() && std::ranges::all_of(stream_states, reached);
}

std::optional<s3::Credentials> Adapters::read_credentials(const config::Configuration& configuration) const {
    if (!document_place.bucket) return std::nullopt;
    return s3::read_credentials(s3_settings(configuration.store, configuration.documents));
}

void Adapters::adopt(std::optional<s3::Credentials> credentials) {
    if (document_place.bucket && credentials) document_place.bucket->adopt(std::move(*credentials));
}

}  // namespace signwatch::daemon
