#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// What a client of Posten must never do.
enum class Violation {
    polls_before_permitted,
    confirmed_before_downloaded,  ///< with an offered document not completely downloaded since it was offered
    rate_exceeded,  ///< more than 10 calls of an organisation within a second, or calls while blocked for it
    without_client_certificate,  ///< TLS handshake without a client certificate, or with one we do not know
    unknown_urls,                ///< resources that were never offered
    malformed_calls,             ///< wrong method, or a body where none belongs
    lost_documents,              ///< the job was deleted and the document had never been downloaded
};
inline constexpr std::size_t violation_count = 7;

/// What is counted and is nobody's fault: a client that was killed repeats confirmations, for example.
enum class Tally {
    calls,
    polls,
    updates_delivered,
    redeliveries,
    confirms,
    duplicate_confirms,
    downloads,
    downloads_refused_gone,  ///< of jobs that are already deleted
    throttled,               ///< answers 429
    polls_gated_by_fault,    ///< 429 because a fault kept the permitted time from the client
    calls_blocked_by_fault,
    faults,
    tls_handshakes,
    tls_handshakes_failed,  ///< for another reason than the client certificate
    max_calls_in_one_second,
};
inline constexpr std::size_t tally_count = 15;

/// Watches the client. Not thread-safe: lives on the simulator's loop.
class Referee {
public:
    void record(Violation violation, const Moment& now, std::string_view organisation, std::string detail);
    void count(Tally tally) { ++tallies_[static_cast<std::size_t>(tally)]; }
    void raise(Tally tally, std::uint64_t value);

    std::uint64_t count_of(Violation violation) const { return violations_[static_cast<std::size_t>(violation)]; }
    std::uint64_t count_of(Tally tally) const { return tallies_[static_cast<std::size_t>(tally)]; }

    /// The sum over all kinds.
    std::uint64_t violations() const;

    nlohmann::json to_json() const;

private:
    struct Entry {
        Violation violation;
        microseconds wall;
        std::string organisation;
        std::string detail;
    };

    std::array<std::uint64_t, violation_count> violations_{};
    std::array<std::uint64_t, tally_count> tallies_{};
    std::deque<Entry> entries_;  ///< the newest 200
};

}  // namespace signwatch::simulator
