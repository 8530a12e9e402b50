#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/signed_documents.hpp"
#include "tests/simulator/adobe/faults.hpp"
#include "tests/simulator/adobe/json.hpp"
#include "tests/simulator/adobe/options.hpp"
#include "tests/simulator/adobe/referee.hpp"
#include "tests/simulator/adobe/request.hpp"
#include "tests/simulator/adobe/search.hpp"
#include "tests/simulator/adobe/throttle.hpp"
#include "tests/simulator/adobe/tokens.hpp"
#include "tests/simulator/call_windows.hpp"
#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/http_exchange.hpp"

namespace signwatch::simulator::adobe {

/// {"code":...,"message":...} with that status.
Reply error_reply(unsigned status, std::string_view code);

/// Answers the calls of a client of Adobe, OAuth included, and tells the referee.
class AdobeApi {
public:
    static constexpr std::string_view base = "/api/rest/v6";

    struct Parts {
        const AdobeOptions& options;
        AdobeWorld& world;
        Tokens& tokens;
        FaultSwitches& faults;
        AdobeReferee& referee;
        /// Answers what is below /webhooks.
        std::function<Reply(const Call&, const Target&, const Moment&)> webhooks{};
    };
    explicit AdobeApi(const Parts& parts);

    /// "https://127.0.0.1:8443/" for the bootstrap host (0) and the access points (1 and 2). The account is at 1.
    void set_hosts(std::vector<std::string> hosts) { hosts_ = std::move(hosts); }
    /// The account moves to the other access point; at the old one nothing is known of it.
    void migrate() { home_ = home_ == 1 ? 2 : 1; }
    const std::string& access_point() const { return hosts_.at(home_); }

    /// `host`: at which of the hosts the call arrived.
    Reply handle(const Call& call, std::size_t host, const Moment& now);

    /// The signed document of an agreement that is completed, made when it is first needed.
    const AdobeFile& document_of(Agreement& agreement);

private:
    /// One authorised call.
    struct Asked {
        const Call& call;
        const Target& target;
        const Moment& now;
        std::string user;
        Agreement* agreement = nullptr;  ///< that the path names
        std::int64_t number = 0;         ///< of it, for the faults
    };

    bool fires(AdobeFault fault, std::int64_t agreement = 0);
    Reply malformed(const Call& call, const Moment& now);

    Reply oauth(const Call& call, std::string_view path, const Moment& now);
    Reply refresh(const std::map<std::string, std::string>& form, const Moment& now);
    Reply tokens_told(const Tokens::Pair& pair, bool with_hosts);

    Reply authorised(const Call& call, std::size_t host, const Moment& now);
    std::optional<Reply> without_right(const Call& call, const Moment& now);
    std::optional<Reply> paused(const Asked& asked);
    std::optional<Reply> over_budget(const Asked& asked);
    std::optional<Reply> failed(const Asked& asked);
    std::optional<Reply> asked_too_often(const Asked& asked);
    Reply wait_for(const Asked& asked, microseconds wait, bool whole_user, bool high_load);
    std::int64_t told_seconds(microseconds wait) const;
    Reply conditional(const Asked& asked, Reply reply);
    Reply damaged(const Asked& asked, Reply reply);

    Reply dispatch(const Asked& asked);
    Reply base_uris(const Asked& asked);
    Reply agreement_part(const Asked& asked);
    Reply list(const Asked& asked);
    Reply search(const Asked& asked);
    Reply combined_document(const Asked& asked);
    Reply damaged_pdf(const Asked& asked, Reply reply);
    Reply audit_trail(const Asked& asked);
    Reply form_data(const Asked& asked);
    BodyForm form_for(std::int64_t agreement);
    const testing::DocumentSigner& signer();

    Parts parts_;
    std::vector<std::string> hosts_;
    std::size_t home_ = 1;
    IdenticalGets identical_gets_;
    Pauses pauses_;
    CallWindows calls_;
    CallWindows searches_;
    std::unique_ptr<testing::DocumentSigner> signer_;
};

}  // namespace signwatch::simulator::adobe
