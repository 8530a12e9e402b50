#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/posten/call_budget.hpp"
#include "tests/simulator/posten/document_factory.hpp"
#include "tests/simulator/posten/faults.hpp"
#include "tests/simulator/posten/target.hpp"
#include "tests/simulator/posten/world.hpp"

namespace signwatch::simulator {

/// Posten's HTTP interface over a PostenWorld: routes, headers, XML and every fault. No sockets.
class PostenApi {
public:
    struct Options {
        std::vector<std::string> organisations;
        unsigned confirm_status = 204;
        unsigned repeat_status = 204;  ///< for a confirmation that was given before
    };

    /// All references must outlive this object.
    PostenApi(Options options,
              PostenWorld& world,
              CallBudget& budget,
              DocumentFactory& documents,
              Faults& faults,
              Referee& referee);

    /// The absolute URL of the API, which every URL in an answer starts with.
    void set_root(std::string root) { root_ = std::move(root); }

    Reply handle(const Call& call, const Moment& now);

private:
    Reply answer(const Call& call, const Target& target, const Moment& now);
    Reply poll(const Target& target, const Moment& now);
    Reply update_reply(const PollAnswer& answer);
    Reply confirm(Job& job, const Target& target, const Moment& now);
    Reply cancel(Job& job, const Target& target, const Moment& now);
    Reply download(Job& job, const Target& target, const Moment& now);
    Reply spoiled_pades(Reply reply, std::int64_t job);
    Reply spoiled_xades(Reply reply, std::int64_t job);
    Reply unknown(const Target& target, const Moment& now);
    bool fires(Fault fault, std::int64_t job = 0);

    Options options_;
    std::string root_;
    PostenWorld& world_;
    CallBudget& budget_;
    DocumentFactory& documents_;
    Faults& faults_;
    Referee& referee_;
};

}  // namespace signwatch::simulator
