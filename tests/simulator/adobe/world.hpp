#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tests/simulator/adobe/agreement.hpp"
#include "tests/simulator/adobe/calendar.hpp"

namespace signwatch::simulator::adobe {

/// A file of an agreement and how often it was handed over completely.
struct AdobeFile {
    std::shared_ptr<const std::string> bytes;
    std::string sha256;
    int deliveries = 0;
};

/// One agreement, and what the client did with it. Times are virtual.
struct Agreement {
    std::int64_t number = 0;  ///< from 1
    std::string id;
    std::string name;
    std::string external_id;
    AgreementPlan plan;
    bool form = false;              ///< its participants fill in fields
    microseconds document_after{};  ///< from its end to its document
    microseconds expires_wall{};    ///< what it says about its deadline
    AdobeFile combined;             ///< the last one, when it is completed
    AdobeFile audit;
    int form_deliveries = 0;
    int looks = 0;
    bool end_told = false;
    int downloaded_events = 0;   ///< that our own downloads have left in its history
    std::size_t hooks_told = 0;  ///< of its history, how much webhooks were told
    microseconds hooks_next{};   ///< when the next of it happens; 0: look at once
};

/// The persons of an agreement, from 0: what must never be seen outside.
std::string email_of(const Agreement& agreement, int participant);
std::string full_name_of(const Agreement& agreement, int participant);
std::string participant_id_of(const Agreement& agreement, int participant);
inline constexpr std::string_view sender_email = "entegrasyon@bank.example";

/// The agreements of one account. Pure: time is handed in.
class AdobeWorld {
public:
    AdobeWorld(std::uint64_t seed, Calendar calendar) : seed_(seed), calendar_(std::move(calendar)) {}

    Agreement& create(const AgreementSpec& spec, microseconds now);
    /// nullptr if there is none.
    Agreement* find(const std::string& id);
    std::deque<Agreement>& agreements() { return agreements_; }
    const std::deque<Agreement>& agreements() const { return agreements_; }

    Calendar& calendar() { return calendar_; }
    const Calendar& calendar() const { return calendar_; }

private:
    std::uint64_t seed_;
    Calendar calendar_;
    std::deque<Agreement> agreements_;
    std::unordered_map<std::string, Agreement*> by_id_;
};

}  // namespace signwatch::simulator::adobe
