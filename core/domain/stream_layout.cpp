#include "core/domain/stream_layout.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace signwatch {
namespace {

std::uint64_t fnv_1a(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char letter : text)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
    return hash;
}

std::optional<int> parse_number(std::string_view text) {
    int number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number >= 1 && number <= most_partitions ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string stream_name(const std::string& stream, Partition partition) {
    return partition == undivided ? stream : stream + ":{" + std::to_string(partition) + "}";
}

bool StreamLayout::Era::has(Partition partition) const {
    return partitions == 1 ? partition == undivided : partition >= 0 && partition < partitions;
}

StreamLayout::StreamLayout(int partitions) : eras_{{{}, partitions}} {}

std::optional<StreamLayout> StreamLayout::parse(std::string_view text) {
    StreamLayout layout(1);
    layout.eras_.clear();
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const std::size_t at = word.find('@');
        if (at == std::string_view::npos) return std::nullopt;
        const auto partitions = parse_number(word.substr(0, at));
        const auto after = parse_entry_id(word.substr(at + 1));
        if (!partitions || !after) return std::nullopt;
        const bool ascends = layout.eras_.empty() ? after->is_zero() : *after > layout.eras_.back().after;
        if (!ascends) return std::nullopt;
        layout.eras_.push_back({*after, *partitions});
    }
    return layout.eras_.empty() ? std::nullopt : std::optional(layout);
}

std::string StreamLayout::text() const {
    std::string text;
    for (const Era& era : eras_)
        text += (text.empty() ? "" : " ") + std::to_string(era.partitions) + "@" + to_string(era.after);
    return text;
}

void StreamLayout::divide_after(EntryId last, int partitions) {
    std::erase_if(eras_, [&](const Era& era) { return era.after >= last; });
    if (eras_.empty() || eras_.back().partitions != partitions) eras_.push_back({last, partitions});
}

Partition StreamLayout::partition_of(const OutboxEvent& event) const {
    const auto later = [&](const Era& era) { return era.after < event.entry; };
    const auto era = std::find_if(eras_.rbegin(), eras_.rend(), later);
    const int partitions = era == eras_.rend() ? eras_.front().partitions : era->partitions;
    if (partitions == 1) return undivided;
    return static_cast<Partition>(fnv_1a(event.message.partition_key) % static_cast<std::uint64_t>(partitions));
}

std::vector<Partition> StreamLayout::all() const {
    std::vector<Partition> partitions;
    for (Partition each = undivided; each < most_partitions; ++each) {
        if (std::ranges::any_of(eras_, [each](const Era& era) { return era.has(each); })) partitions.push_back(each);
    }
    return partitions;
}

StreamLayout::Span StreamLayout::span_of(Partition partition) const {
    Span span{eras_.back().after, EntryId{}};
    bool found = false;
    for (std::size_t i = 0; i < eras_.size(); ++i) {
        if (!eras_[i].has(partition)) continue;
        if (!found) span.after = eras_[i].after;
        found = true;
        span.last = i + 1 < eras_.size() ? std::optional(eras_[i + 1].after) : std::nullopt;
    }
    return span;
}

}  // namespace signwatch
