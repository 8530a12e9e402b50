#include "tests/simulator/arqsign/world.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::array<std::pair<ArqSignEnd, std::string_view>, 6> end_names{{{ArqSignEnd::never, "never"},
                                                                            {ArqSignEnd::completed, "completed"},
                                                                            {ArqSignEnd::cancelled, "cancelled"},
                                                                            {ArqSignEnd::refused, "refused"},
                                                                            {ArqSignEnd::expired, "expired"},
                                                                            {ArqSignEnd::deleted, "deleted"}}};

}  // namespace

std::optional<ArqSignEnd> arqsign_end_named(std::string_view name) {
    for (const auto& [end, text] : end_names) {
        if (text == name) return end;
    }
    return std::nullopt;
}

std::string_view name_of(ArqSignEnd end) {
    return end_names.at(static_cast<std::size_t>(end)).second;
}

// Signers act one after the other, evenly spread; the last of them at the end, if the process ends by signing.
std::optional<microseconds> ArqSignProcess::acted_at(std::size_t signer, microseconds now) const {
    const bool all = spec.end == ArqSignEnd::completed || spec.end == ArqSignEnd::refused;
    const bool last = signer + 1 == people.size();
    if (last && !all) return std::nullopt;
    const microseconds sent = created + spec.sent_after;
    const auto share = static_cast<std::int64_t>(signer + 1);
    const microseconds at = last ? ends : sent + (ends - sent) * share / static_cast<std::int64_t>(people.size());
    return at <= now ? std::optional(at) : std::nullopt;
}

int ArqSignProcess::status_at(microseconds now) const {
    if (now >= ends && spec.end == ArqSignEnd::completed) return 4;
    if (now >= ends && (spec.end == ArqSignEnd::cancelled || spec.end == ArqSignEnd::refused)) return 5;
    if (now < created + spec.sent_after) return 1;
    return acted_at(0, now) ? 3 : 2;
}

bool ArqSignProcess::expired_at(microseconds now) const {
    return spec.end == ArqSignEnd::expired && now >= ends;
}

bool ArqSignProcess::deleted_at(microseconds now) const {
    return spec.end == ArqSignEnd::deleted && now >= ends;
}

bool ArqSignProcess::ended_at(microseconds now) const {
    return status_at(now) >= 4 || deleted_at(now);
}

ArqSignProcess& ArqSignWorld::create(const ArqSignSpec& spec, microseconds now) {
    if (spec.signers < 1 || spec.signers > 20) throw std::invalid_argument("signers is 1 to 20");
    if (spec.documents < 1 || spec.documents > 25) throw std::invalid_argument("documents is 1 to 25");
    if (spec.end_after < spec.sent_after) throw std::invalid_argument("a process ends after it was sent");
    ArqSignProcess& process = processes_.emplace_back();
    process.number = static_cast<std::int64_t>(processes_.size());
    process.id = new_guid("process");
    process.name = "Locação de " + process.id.substr(0, 8);
    process.spec = spec;
    process.created = now;
    process.ends = now + spec.end_after;
    for (int i = 0; i < spec.signers; ++i) {
        const std::string id = new_guid("person");
        process.people.push_back({id,
                                  "Pessoa " + id.substr(0, 8),
                                  id.substr(0, 8) + "@example.com",
                                  "+55" + id.substr(24),
                                  "code-" + id.substr(0, 8)});
    }
    for (int i = 0; i < spec.documents; ++i)
        process.documents.push_back({new_guid("document"), {}, {}});
    return process;
}

ArqSignProcess* ArqSignWorld::find(std::string_view id) {
    const auto found = std::ranges::find(processes_, id, &ArqSignProcess::id);
    return found == processes_.end() ? nullptr : &*found;
}

void ArqSignWorld::change(ArqSignProcess& process, ArqSignEnd end, microseconds after, microseconds now) {
    if (process.ended_at(now)) throw std::invalid_argument("the process has ended");
    if (process.expired_at(now)) {
        process.past_events.push_back({ArqSignTrigger::expired, process.ends, -1, process.resends});
        process.past_events.push_back({ArqSignTrigger::sent_again, now, -1, process.resends});
        ++process.resends;
    }
    process.spec.end = end;
    process.ends = now + after;
    process.next_event = {};
}

std::string ArqSignWorld::new_guid(std::string_view of) {
    const std::string hash =
        crypto::sha256_hex(std::to_string(seed_) + "/" + std::string(of) + "/" + std::to_string(++guids_));
    return hash.substr(0, 8) + "-" + hash.substr(8, 4) + "-4" + hash.substr(12, 3) + "-8" + hash.substr(15, 3) + "-" +
           hash.substr(18, 12);
}

}  // namespace signwatch::simulator
