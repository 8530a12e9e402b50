#include "daemon/foundations.hpp"

#include <tuple>

#include "core/domain/error.hpp"

namespace signwatch::daemon {
namespace {

auto values(const config::PipelineSettings& pipeline) {
    return std::tie(pipeline.document_workers,
                    pipeline.verifier_workers,
                    pipeline.shutdown_grace,
                    pipeline.retention,
                    pipeline.notification_retention,
                    pipeline.process_retention,
                    pipeline.document_retention);
}

}  // namespace

void require_same_foundations(const config::Configuration& running, const config::Configuration& fresh) {
    std::string changed;
    if (running.store.directory != fresh.store.directory || running.store.in_postgres != fresh.store.in_postgres)
        changed += " [store]";
    if (running.store.postgres != fresh.store.postgres) changed += " [postgres]";
    if (running.documents != fresh.documents) changed += " [documents]";
    if (running.redis != fresh.redis) changed += " [redis]";
    if (running.listen.internal != fresh.listen.internal) changed += " [listen]";
    if (running.admin != fresh.admin) changed += " [admin]";
    if (running.inbound.listen != fresh.inbound.listen) changed += " [inbound] listen";
    if (values(running.pipeline) != values(fresh.pipeline)) changed += " [pipeline]";
    if (changed.empty()) return;
    throw Error(ErrorKind::permanent,
                "reload_needs_restart",
                "a reload cannot change" + changed + "; restart signwatch, or take the change back");
}

}  // namespace signwatch::daemon
