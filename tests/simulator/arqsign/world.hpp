#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// How a process ends: `expired` only passes its deadline and can be sent again.
enum class ArqSignEnd { never, completed, cancelled, refused, expired, deleted };

std::optional<ArqSignEnd> arqsign_end_named(std::string_view name);
std::string_view name_of(ArqSignEnd end);

/// What a process is to be; times are virtual, from its creation on.
struct ArqSignSpec {
    int signers = 1;
    int documents = 1;
    std::size_t document_size = 20'000;
    bool electronic = false;  ///< signed by e-mail and code alone: its PDFs carry no signature
    ArqSignEnd end = ArqSignEnd::completed;
    microseconds sent_after{};
    microseconds end_after{};
};

/// What ArqSign notifies about (posten-arqsign 2.12): "gatilhos" 1 to 8.
enum class ArqSignTrigger {
    sent = 1,
    failed = 2,
    signed_by_one = 3,
    refused = 4,
    cancelled = 5,
    expired = 6,
    sent_again = 7,
    concluded = 8
};

/// Something that has happened to a process.
struct ArqSignEvent {
    ArqSignTrigger trigger = ArqSignTrigger::sent;
    microseconds at{};
    int signer = -1;  ///< whom it concerns; -1: all
    int round = 0;    ///< how often the process had been sent again before
};

/// A file of a process.
struct ArqSignFile {
    std::shared_ptr<const std::string> bytes;
    std::string sha256;
    int deliveries = 0;
};

struct ArqSignDocument {
    std::string id;
    ArqSignFile pdf;
    ArqSignFile record;
};

struct ArqSignPerson {
    std::string id;
    std::string name;
    std::string email;
    std::string phone;
    std::string code;  ///< a live security code: must never be seen elsewhere
};

struct ArqSignProcess {
    std::int64_t number = 0;  ///< from 1
    std::string id;
    std::string name;
    ArqSignSpec spec;
    microseconds created{};
    microseconds ends{};  ///< virtual
    std::vector<ArqSignPerson> people;
    std::vector<ArqSignDocument> documents;

    // For webhooks.
    std::vector<ArqSignEvent> past_events;  ///< that its present plan does not tell: expired, sent again
    int resends = 0;
    std::set<std::tuple<int, int, int>> told;  ///< trigger, signer and round of what was queued
    microseconds next_event{};                 ///< when to look again; 0: at once

    // What the client did.
    int looks = 0;
    int wholes = 0;
    std::optional<microseconds> last_look;
    std::optional<microseconds> end_seen;   ///< first answer to a look that told the end
    std::optional<microseconds> delivered;  ///< all documents had been handed over

    int status_at(microseconds now) const;  ///< idStatus, 1 to 5
    bool expired_at(microseconds now) const;
    bool deleted_at(microseconds now) const;
    bool ended_at(microseconds now) const;  ///< for the client: nothing new will come
    /// When the signer (from 0) acted, if it has by `now`; the last of a refused process refuses.
    std::optional<microseconds> acted_at(std::size_t signer, microseconds now) const;
};

/// The processes of one account. Pure: time is handed in.
class ArqSignWorld {
public:
    explicit ArqSignWorld(std::uint64_t seed) : seed_(seed) {}

    ArqSignProcess& create(const ArqSignSpec& spec, microseconds now);
    ArqSignProcess* find(std::string_view id);
    std::deque<ArqSignProcess>& processes() { return processes_; }

    /// Another end for a process that is still open (or has expired: it is sent again), so long from now.
    void change(ArqSignProcess& process, ArqSignEnd end, microseconds after, microseconds now);

private:
    std::string new_guid(std::string_view of);

    std::uint64_t seed_;
    std::uint64_t guids_ = 0;
    std::deque<ArqSignProcess> processes_;
};

}  // namespace signwatch::simulator
