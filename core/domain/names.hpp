#pragma once

#include <optional>
#include <string_view>

#include "core/domain/call_count.hpp"
#include "core/domain/document.hpp"
#include "core/domain/process.hpp"
#include "core/domain/registration.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"

/// The words for our enumerations as they stand in the schema, the events, the metrics and the command line.
/// `name_of` and `from_name` are inverse; `from_name` gives nullopt for a word that is not ours.
namespace signwatch {

std::string_view name_of(ProviderKind kind);
std::string_view name_of(ProcessState state);
std::string_view name_of(ParticipantState state);
std::string_view name_of(DocumentKind kind);
std::string_view name_of(WatchKind kind);
std::string_view name_of(Via via);
std::string_view name_of(Stage stage);
std::string_view name_of(CallSpan span);
std::string_view name_of(Registered outcome);
std::string_view name_of(ProcessOrder order);

template <typename Enum>
std::optional<Enum> from_name(std::string_view name);

template <>
std::optional<ProviderKind> from_name(std::string_view name);
template <>
std::optional<ProcessState> from_name(std::string_view name);
template <>
std::optional<ParticipantState> from_name(std::string_view name);
template <>
std::optional<DocumentKind> from_name(std::string_view name);
template <>
std::optional<WatchKind> from_name(std::string_view name);
template <>
std::optional<Via> from_name(std::string_view name);
template <>
std::optional<Stage> from_name(std::string_view name);
template <>
std::optional<CallSpan> from_name(std::string_view name);
template <>
std::optional<ProcessOrder> from_name(std::string_view name);

}  // namespace signwatch
