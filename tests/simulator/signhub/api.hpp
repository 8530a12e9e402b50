#pragma once

#include <memory>
#include <string>

#include "tests/fakes/signed_documents.hpp"
#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/http_exchange.hpp"
#include "tests/simulator/signhub/faults.hpp"
#include "tests/simulator/signhub/world.hpp"

namespace signwatch::simulator::signhub {

/// SignHub's HTTP interface over a SignhubWorld: routes, credentials, JSON and every fault. No sockets.
class SignhubApi {
public:
    struct Options {
        std::string api_key;
        std::size_t pdf_size = 20'000;
        int documents = 0;
        microseconds epoch{};  ///< wall time of virtual time 0
    };

    /// What the API's paths begin with.
    static constexpr std::string_view base = "/signhub";

    /// All references must outlive this object.
    SignhubApi(Options options, SignhubWorld& world, FaultSwitches& faults)
        : options_(std::move(options)), world_(world), faults_(faults) {}

    Reply handle(const Call& call, const Moment& now);

private:
    Reply answer(const Call& call, const Moment& now);
    Reply status(const Call& call, const Moment& now);
    Reply told(Flow& flow, const Moment& now);
    Reply spoiled(Reply reply, Flow& flow);
    Reply download(const Call& call, std::string_view query, const Moment& now);
    Reply spoiled_pdf(Reply reply, Flow& flow);
    Reply verify(const Call& call, const Moment& now);
    Reply malformed(const Call& call, const Moment& now);
    Reply unknown_flow();
    void make_document(Flow& flow);
    const testing::DocumentSigner& signer();
    bool fires(SignhubFault fault, std::int64_t flow = 0);

    Options options_;
    SignhubWorld& world_;
    FaultSwitches& faults_;
    std::unique_ptr<testing::DocumentSigner> signer_;
};

}  // namespace signwatch::simulator::signhub
