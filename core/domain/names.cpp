#include "core/domain/names.hpp"

#include <array>
#include <utility>

namespace signwatch {
namespace {

template <typename Enum, std::size_t N>
using Table = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Table<ProviderKind, 4> providers{{{ProviderKind::posten, "posten"},
                                            {ProviderKind::arqsign, "arqsign"},
                                            {ProviderKind::signhub, "signhub"},
                                            {ProviderKind::adobe_sign, "adobe_sign"}}};
constexpr Table<ProcessState, 8> process_states{{{ProcessState::created, "created"},
                                                 {ProcessState::in_progress, "in_progress"},
                                                 {ProcessState::completed, "completed"},
                                                 {ProcessState::rejected, "rejected"},
                                                 {ProcessState::cancelled, "cancelled"},
                                                 {ProcessState::expired, "expired"},
                                                 {ProcessState::failed, "failed"},
                                                 {ProcessState::unknown, "unknown"}}};
constexpr Table<ParticipantState, 8> participant_states{{{ParticipantState::waiting, "waiting"},
                                                         {ParticipantState::completed, "completed"},
                                                         {ParticipantState::rejected, "rejected"},
                                                         {ParticipantState::cancelled, "cancelled"},
                                                         {ParticipantState::expired, "expired"},
                                                         {ParticipantState::failed, "failed"},
                                                         {ParticipantState::superseded, "superseded"},
                                                         {ParticipantState::unknown, "unknown"}}};
constexpr Table<DocumentKind, 6> document_kinds{{{DocumentKind::pades, "pades"},
                                                 {DocumentKind::xades, "xades"},
                                                 {DocumentKind::signed_pdf, "signed_pdf"},
                                                 {DocumentKind::audit_trail, "audit_trail"},
                                                 {DocumentKind::signature_record, "signature_record"},
                                                 {DocumentKind::form_data, "form_data"}}};
constexpr Table<WatchKind, 3> watch_kinds{
    {{WatchKind::queue, "queue"}, {WatchKind::process, "process"}, {WatchKind::sweep, "sweep"}}};
constexpr Table<Via, 3> vias{{{Via::poll, "poll"}, {Via::webhook, "webhook"}, {Via::sweep, "sweep"}}};
constexpr Table<Stage, 4> stages{{{Stage::received, "received"},
                                  {Stage::committed, "committed"},
                                  {Stage::acknowledged, "acknowledged"},
                                  {Stage::parked, "parked"}}};

constexpr Table<CallSpan, 3> call_spans{
    {{CallSpan::minute, "minute"}, {CallSpan::hour, "hour"}, {CallSpan::day, "day"}}};
constexpr Table<Registered, 4> registered{{{Registered::added, "added"},
                                           {Registered::unchanged, "unchanged"},
                                           {Registered::changed, "changed"},
                                           {Registered::conflict, "conflict"}}};
constexpr Table<ProcessOrder, 4> process_orders{{{ProcessOrder::remove, "remove"},
                                                 {ProcessOrder::pause, "pause"},
                                                 {ProcessOrder::resume, "resume"},
                                                 {ProcessOrder::poll_now, "poll_now"}}};

template <typename Enum, std::size_t N>
std::string_view find_name(const Table<Enum, N>& table, Enum value) {
    for (const auto& [entry, name] : table) {
        if (entry == value) return name;
    }
    return "unknown";
}

template <typename Enum, std::size_t N>
std::optional<Enum> find_value(const Table<Enum, N>& table, std::string_view wanted) {
    for (const auto& [entry, name] : table) {
        if (name == wanted) return entry;
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(ProviderKind kind) {
    return find_name(providers, kind);
}
std::string_view name_of(ProcessState state) {
    return find_name(process_states, state);
}
std::string_view name_of(ParticipantState state) {
    return find_name(participant_states, state);
}
std::string_view name_of(DocumentKind kind) {
    return find_name(document_kinds, kind);
}
std::string_view name_of(WatchKind kind) {
    return find_name(watch_kinds, kind);
}
std::string_view name_of(Via via) {
    return find_name(vias, via);
}
std::string_view name_of(Stage stage) {
    return find_name(stages, stage);
}

std::string_view name_of(CallSpan span) {
    return find_name(call_spans, span);
}
std::string_view name_of(Registered outcome) {
    return find_name(registered, outcome);
}
std::string_view name_of(ProcessOrder order) {
    return find_name(process_orders, order);
}

template <>
std::optional<ProviderKind> from_name(std::string_view name) {
    return find_value(providers, name);
}
template <>
std::optional<ProcessState> from_name(std::string_view name) {
    return find_value(process_states, name);
}
template <>
std::optional<ParticipantState> from_name(std::string_view name) {
    return find_value(participant_states, name);
}
template <>
std::optional<DocumentKind> from_name(std::string_view name) {
    return find_value(document_kinds, name);
}
template <>
std::optional<WatchKind> from_name(std::string_view name) {
    return find_value(watch_kinds, name);
}
template <>
std::optional<Via> from_name(std::string_view name) {
    return find_value(vias, name);
}
template <>
std::optional<Stage> from_name(std::string_view name) {
    return find_value(stages, name);
}

template <>
std::optional<CallSpan> from_name(std::string_view name) {
    return find_value(call_spans, name);
}
template <>
std::optional<ProcessOrder> from_name(std::string_view name) {
    return find_value(process_orders, name);
}

}  // namespace signwatch
