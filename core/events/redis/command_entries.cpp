#include "core/events/redis/command_entries.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "core/domain/error.hpp"
#include "core/events/redis/reply_error.hpp"

namespace signwatch::redis {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view most_results = "100000";
constexpr std::string_view most_dead_letters = "10000";
constexpr std::size_t longest_dead_letter = std::size_t{64} << 10;

Error protocol_error() {
    return {ErrorKind::transient, "redis_protocol", "the reply does not fit what was asked of the command stream"};
}

void require_array(const Value& value, std::size_t least = 0) {
    if (value.is_error()) throw error_of(value.text);
    if (value.kind != Value::Kind::array || value.elements.size() < least) throw protocol_error();
}

EntryId entry_from(const Value& value) {
    const auto id = parse_entry_id(value.text);
    if (!id) throw protocol_error();
    return *id;
}

// nullopt: the entry is pending, but has been deleted.
std::optional<Command> command_from(const Value& entry) {
    if (entry.kind == Value::Kind::nil) return std::nullopt;
    require_array(entry, 2);
    const Value& fields = entry.elements[1];
    if (fields.kind == Value::Kind::nil) return std::nullopt;
    Command command;
    command.entry = entry_from(entry.elements[0]);
    for (std::size_t i = 0; i + 1 < fields.elements.size(); i += 2)
        if (fields.elements[i].text == "ce") command.json = fields.elements[i + 1].text;
    return command;
}

// Cut between two characters of UTF-8.
std::string_view cut(std::string_view text) {
    if (text.size() <= longest_dead_letter) return text;
    std::size_t end = longest_dead_letter;
    while (end > longest_dead_letter - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

// Words that are made here must outlive the command they stand in.
std::vector<std::string> texts_of(const std::vector<EntryId>& entries) {
    std::vector<std::string> texts;
    for (const EntryId entry : entries)
        texts.push_back(to_string(entry));
    return texts;
}

}  // namespace

void append_pending(std::string& commands, const CommandStreamNames& names, std::size_t limit) {
    const std::string count = std::to_string(limit);
    const std::string idle = std::to_string(names.abandoned_after.count());
    append_command(commands, {"XPENDING", names.key, names.group, "-", "+", count, names.consumer});
    append_command(commands, {"XPENDING", names.key, names.group, "IDLE", idle, "-", "+", count});
}

std::vector<PendingEntry> pending_from(const Value& reply) {
    require_array(reply);
    std::vector<PendingEntry> entries;
    for (const Value& each : reply.elements) {
        require_array(each, 4);
        entries.push_back({entry_from(each.elements[0]), each.elements[1].text, each.elements[3].integer});
    }
    return entries;
}

void append_claim(std::string& commands,
                  const CommandStreamNames& names,
                  const std::vector<PendingEntry>& entries,
                  milliseconds idle) {
    std::vector<EntryId> ids;
    for (const PendingEntry& each : entries)
        ids.push_back(each.entry);
    const std::vector<std::string> texts = texts_of(ids);
    const std::string least_idle = std::to_string(idle.count());
    std::vector<std::string_view> words{"XCLAIM", names.key, names.group, names.consumer, least_idle};
    words.insert(words.end(), texts.begin(), texts.end());
    append_command(commands, words);
}

std::vector<Command> claimed_from(const Value& reply, const std::vector<PendingEntry>& asked) {
    require_array(reply);
    std::vector<Command> commands;
    for (const Value& each : reply.elements) {
        std::optional<Command> command = command_from(each);
        if (!command) continue;
        const auto pending = std::ranges::find(asked, command->entry, &PendingEntry::entry);
        if (pending == asked.end()) throw protocol_error();
        command->deliveries = pending->deliveries + 1;
        commands.push_back(std::move(*command));
    }
    return commands;
}

void append_read(std::string& commands, const CommandStreamNames& names, std::size_t limit, milliseconds patience) {
    const std::string count = std::to_string(limit);
    const std::string block = std::to_string(std::max<std::int64_t>(1, patience.count()));  // 0: for ever
    append_command(commands,
                   {"XREADGROUP",
                    "GROUP",
                    names.group,
                    names.consumer,
                    "COUNT",
                    count,
                    "BLOCK",
                    block,
                    "STREAMS",
                    names.key,
                    ">"});
}

std::vector<Command> fresh_from(const Value& reply) {
    if (reply.kind == Value::Kind::nil) return {};
    require_array(reply, 1);
    const Value& stream = reply.elements.front();
    require_array(stream, 2);
    require_array(stream.elements[1]);
    std::vector<Command> commands;
    for (const Value& each : stream.elements[1].elements) {
        std::optional<Command> command = command_from(each);
        if (command) commands.push_back(std::move(*command));
    }
    return commands;
}

void append_acknowledge(std::string& commands, const CommandStreamNames& names, const std::vector<EntryId>& entries) {
    const std::vector<std::string> texts = texts_of(entries);
    std::vector<std::string_view> words{"XACK", names.key, names.group};
    words.insert(words.end(), texts.begin(), texts.end());
    append_command(commands, words);
}

std::size_t append_answers(std::string& commands,
                           const CommandStreamNames& names,
                           const std::vector<CommandAnswer>& answers) {
    const std::string results = names.results();
    const std::string dead = names.dead();
    std::vector<EntryId> entries;
    std::size_t replies = 3;  // MULTI, XACK, EXEC
    append_command(commands, {"MULTI"});
    for (const CommandAnswer& answer : answers) {
        entries.push_back(answer.entry);
        const std::string entry = to_string(answer.entry);
        if (answer.result) {
            append_command(commands,
                           {"XADD",
                            results,
                            "MAXLEN",
                            "~",
                            most_results,
                            "*",
                            "ce",
                            answer.result->json,
                            "id",
                            answer.result->id});
            ++replies;
        }
        if (answer.dead) {
            append_command(commands,
                           {"XADD",
                            dead,
                            "MAXLEN",
                            "~",
                            most_dead_letters,
                            "*",
                            "ce",
                            cut(answer.dead->json),
                            "reason",
                            answer.dead->reason,
                            "entry",
                            entry});
            ++replies;
        }
    }
    append_acknowledge(commands, names, entries);
    append_command(commands, {"EXEC"});
    return replies;
}

}  // namespace signwatch::redis
