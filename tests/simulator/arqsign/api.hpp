#pragma once

#include <string>
#include <string_view>

#include "tests/fakes/signed_documents.hpp"
#include "tests/simulator/arqsign/bodies.hpp"
#include "tests/simulator/arqsign/faults.hpp"
#include "tests/simulator/arqsign/options.hpp"
#include "tests/simulator/arqsign/referee.hpp"
#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/http_exchange.hpp"

namespace signwatch::simulator {

/// The keys that the account has; either subscription key will do (posten-arqsign 2.2).
struct ArqSignKeys {
    std::string app_key;
    std::string subscription_key;
    std::string other_subscription_key;
};

/// Answers the calls to ArqSign's host and to the host where linked files lie, and tells the referee.
class ArqSignApi {
public:
    struct Parts {
        const ArqSignOptions& options;
        const ArqSignKeys& keys;
        ArqSignWorld& world;
        CallWindows& windows;
        FaultSwitches& faults;
        ArqSignReferee& referee;
    };
    explicit ArqSignApi(const Parts& parts) : parts_(parts) {}

    /// "https://127.0.0.1:8444": where links lead.
    void set_files_root(std::string root) { files_root_ = std::move(root); }

    Reply handle(const Call& call, const Moment& now);
    Reply handle_file(const Call& call, const Moment& now);

    /// Makes the files of a process that are not there yet.
    void make_files(ArqSignProcess& process, const ArqSignForm& form);
    const std::string& files_root() const { return files_root_; }

private:
    bool fires(ArqSignFault fault, std::int64_t process = 0);
    Reply refusal(unsigned status, std::string_view text);
    bool has_keys(const Call& call) const;
    std::optional<Reply> gate(const Call& call, const Moment& now);
    Reply throttled(microseconds wait, bool quota);

    Reply look(ArqSignProcess& process, const Moment& now);
    Reply whole(ArqSignProcess& process, std::string_view query, const Moment& now);
    Reply with_process(std::string_view id, const Moment& now, const std::function<Reply(ArqSignProcess&)>& answer);
    void note_look(ArqSignProcess& process, const Moment& now);
    ArqSignForm form_for(const ArqSignProcess& process, const Moment& now);
    void note_delivery(ArqSignProcess& process, microseconds now);
    Reply damaged(Reply reply, const ArqSignProcess& process);

    Parts parts_;
    std::string files_root_;
    std::unique_ptr<testing::DocumentSigner> signer_;
};

}  // namespace signwatch::simulator
