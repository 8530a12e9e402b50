#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/state_view.hpp"
#include "core/registry/registrar.hpp"
#include "core/runtime/offload.hpp"
#include "daemon/admin/target.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::admin {

/// What the routes work on; all of it outlives them.
struct AdminParts {
    Clock& clock;
    registry::Registrar& registrar;
    StateStore& store;
    StateView& view;
    runtime::BlockingPool& view_pool;  ///< one thread: `view` is not for two
};

/// One route, as schema/openapi/admin.v1.json has it: `name` is its operationId and its label in the metrics.
struct Route {
    std::string_view name;
    std::string_view method;
    std::string_view path;
};

/// An answer, and the route it came by ("none": there is no such route).
struct Handled {
    std::string_view route = "none";
    listener::Answer answer;
    std::string failure;  ///< why it could not be done: the code of an Error, for the log
};

/// What the admin listener answers, without the sockets. Event-loop thread; looks at the record happen on the pool.
class AdminRoutes {
public:
    explicit AdminRoutes(const AdminParts& parts) : parts_(parts) {}

    /// Does not throw. What it says is done is durable.
    Task<Handled> handle(listener::Request request);

    static std::vector<Route> all();
    /// "none" if there is no such route.
    static std::string_view name_of(const listener::Request& request);

private:
    struct Call {
        Target target;
        listener::Request request;
        ProcessOrder order = ProcessOrder::remove;

        const std::string& account() const { return target.path.at(2); }
        const std::string& process_id() const { return target.path.at(3); }
    };
    struct Entry {
        Route route;
        Task<listener::Answer> (AdminRoutes::*work)(Call call);
        ProcessOrder order = ProcessOrder::remove;
    };
    static const std::vector<Entry>& entries();
    static const Entry* find(const Target& target, std::string_view method, std::string& allowed);

    Task<listener::Answer> enrol(Call call);
    Task<listener::Answer> list(Call call);
    Task<listener::Answer> show(Call call);
    Task<listener::Answer> order(Call call);
    Task<listener::Answer> retry(Call call);

    AdminParts parts_;
};

}  // namespace signwatch::admin
