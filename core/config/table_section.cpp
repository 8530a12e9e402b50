#include "core/config/table_section.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/config/nearest.hpp"
#include "core/config/units.hpp"

namespace signwatch::config {
namespace {

constexpr std::size_t longest_echo = 60;

std::string code(std::string_view name) {
    return "`" + std::string(name) + "`";
}

std::string echo(std::string_view text) {
    if (text.size() > longest_echo) return "\"" + std::string(text.substr(0, longest_echo)) + "...\"";
    return "\"" + std::string(text) + "\"";
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

void add_once(std::vector<std::string>& list, std::string word) {
    if (!contains(list, word)) list.push_back(std::move(word));
}

bool is_credential_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

bool has_control_character(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string number_text(double value) {
    auto text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

}  // namespace

TableSection::TableSection(std::string name, const Table& table, FileChecks checks, Diagnostics& diagnostics)
    : name_(std::move(name)), table_(table), checks_(checks), diagnostics_(diagnostics) {}

const Value* TableSection::find(std::string_view key) {
    add_once(known_, std::string(key));
    const Entry* const entry = table_.find(key);
    return entry ? &entry->value : nullptr;
}

template <typename Type>
const Type* TableSection::typed(std::string_view key, std::string_view wanted, std::string_view example) {
    const Value* const value = find(key);
    if (!value) return nullptr;
    const Type* const content = std::get_if<Type>(&value->content);
    if (!content) {
        report_at(value->place,
                  code(key) + " must be " + std::string(wanted) + ", not " + std::string(value->type_name()),
                  "write " + std::string(key) + " = " + std::string(example));
    }
    return content;
}

bool TableSection::has(std::string_view key) const {
    return table_.find(key) != nullptr;
}

std::string TableSection::text(std::string_view key, std::string_view fallback) {
    const auto* const text = typed<std::string>(key, "a text", "\"...\"");
    if (!text) return std::string(fallback);
    if (has_control_character(*text)) {
        report(key, code(key) + " holds a control character", "remove it");
        return std::string(fallback);
    }
    return *text;
}

std::string TableSection::required_text(std::string_view key) {
    const bool present = has(key);
    auto value = text(key, "");
    if (!present) {
        report(key, name_ + " lacks " + code(key), "add " + std::string(key) + " = \"...\"");
    } else if (const Entry* entry = table_.find(key);
               value.empty() && std::holds_alternative<std::string>(entry->value.content)) {
        report(key, code(key) + " is empty", "give it a value");
    }
    return value;
}

std::string TableSection::choice(std::string_view key,
                                 const std::vector<std::string>& words,
                                 std::string_view fallback) {
    const auto* const text = typed<std::string>(key, "a text", "\"" + std::string(fallback) + "\"");
    if (!text) return std::string(fallback);
    if (contains(words, *text)) return *text;
    const auto meant = nearest(*text, words);
    report(key,
           code(key) + " cannot be " + echo(*text),
           meant ? "did you mean \"" + *meant + "\"?" : "one of " + listed(words));
    return std::string(fallback);
}

std::vector<std::string> TableSection::texts(std::string_view key, std::vector<std::string> fallback) {
    const auto* const list = typed<List>(key, "a list of texts", "[\"...\"]");
    if (!list) return fallback;
    std::vector<std::string> result;
    for (const auto& element : *list) {
        const auto* const text = std::get_if<std::string>(&element.content);
        if (!text) {
            report_at(element.place,
                      "an element of " + code(key) + " must be a text, not " + std::string(element.type_name()),
                      "put it in double quotes");
        } else if (has_control_character(*text)) {
            report_at(element.place, "an element of " + code(key) + " holds a control character", "remove it");
        } else if (contains(result, *text)) {
            report_at(element.place, code(key) + " names " + echo(*text) + " twice", "keep one of the two");
        } else {
            result.push_back(*text);
        }
    }
    return result;
}

std::int64_t TableSection::integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
    const auto* const value = typed<std::int64_t>(key, "an integer", std::to_string(fallback));
    if (!value) return fallback;
    if (*value >= least && *value <= most) return *value;
    report_out_of_range(key, std::to_string(least), std::to_string(most));
    return fallback;
}

double TableSection::number(std::string_view key, double fallback, double least, double most) {
    const Value* const value = find(key);
    if (!value) return fallback;
    double number = fallback;
    if (const auto* integer = std::get_if<std::int64_t>(&value->content)) {
        number = static_cast<double>(*integer);
    } else if (const auto* given = typed<double>(key, "a number", number_text(fallback))) {
        number = *given;
    } else {
        return fallback;
    }
    if (number >= least && number <= most) return number;
    report_out_of_range(key, number_text(least), number_text(most));
    return fallback;
}

bool TableSection::boolean(std::string_view key, bool fallback) {
    const auto* const value = typed<bool>(key, "true or false", "true");
    return value ? *value : fallback;
}

std::chrono::milliseconds TableSection::duration(std::string_view key,
                                                 std::chrono::milliseconds fallback,
                                                 std::chrono::milliseconds least,
                                                 std::chrono::milliseconds most) {
    const auto* const text = typed<std::string>(key, "a duration in quotes", "\"" + to_text(fallback) + "\"");
    if (!text) return fallback;
    const auto value = parse_duration(*text);
    if (!value) {
        report(key,
               code(key) + " is not a duration: " + echo(*text),
               "a whole number and ms, s, m, h or d, such as \"" + to_text(fallback) + "\"");
        return fallback;
    }
    if (*value >= least && *value <= most) return *value;
    report_out_of_range(key, "\"" + to_text(least) + "\"", "\"" + to_text(most) + "\"");
    return fallback;
}

std::uint64_t TableSection::size(std::string_view key,
                                 std::uint64_t fallback,
                                 std::uint64_t least,
                                 std::uint64_t most) {
    const auto* const text = typed<std::string>(key, "a size in quotes", "\"" + size_text(fallback) + "\"");
    if (!text) return fallback;
    const auto value = parse_size(*text);
    if (!value) {
        report(key,
               code(key) + " is not a size: " + echo(*text),
               "a whole number and B, KiB, MiB or GiB, such as \"" + size_text(fallback) + "\"");
        return fallback;
    }
    if (*value >= least && *value <= most) return *value;
    report_out_of_range(key, "\"" + size_text(least) + "\"", "\"" + size_text(most) + "\"");
    return fallback;
}

std::string TableSection::file(std::string_view key, bool secret) {
    const std::string file_key = std::string(key) + "_file";
    const std::string credential_key = std::string(key) + "_credential";
    add_once(files_, std::string(key));
    if (secret) add_once(secrets_, std::string(key));
    const Value* const path = find(file_key);
    const Value* const name = find(credential_key);
    if (path && name) {
        report(
            credential_key, code(file_key) + " and " + code(credential_key) + " are both given", "keep one of the two");
        return "";
    }
    if (path) return named_file(file_key, *path, secret);
    if (name) return credential(credential_key, *name, secret);
    return "";
}

std::string TableSection::named_file(std::string_view key, const Value& value, bool secret) {
    const auto path = required_text(key);
    if (path.empty()) return "";
    const auto resolved = (std::filesystem::path(value.place.file).parent_path() / path).string();
    check(key, resolved, secret, false);
    return resolved;
}

std::string TableSection::credential(std::string_view key, const Value& value, bool secret) {
    const auto name = required_text(key);
    if (name.empty()) return "";
    if (!is_credential_name(name)) {
        report_at(
            value.place, code(key) + " must be a plain name, not a path", "use the name given to LoadCredential=");
        return "";
    }
    const auto directory = credentials_directory();
    if (!directory.empty()) {
        const auto path = directory + "/" + name;
        check(key, path, secret, true);
        return path;
    }
    if (checks_ == FileChecks::strict) {
        report_at(value.place,
                  code(key) + " needs systemd credentials, but $CREDENTIALS_DIRECTORY is not set",
                  "start the daemon by its systemd unit with LoadCredential=" + name + ":/path, or use " +
                      std::string(key.substr(0, key.rfind('_'))) + "_file");
    }
    return std::string(unseen_credentials) + "/" + name;
}

void TableSection::check(std::string_view key, const std::string& path, bool secret, bool is_credential) {
    if (checks_ == FileChecks::none) return;
    if (auto mistake = check_file(path, secret, is_credential)) {
        report(key, code(key) + ": " + mistake->message, mistake->remedy);
    }
}

void TableSection::report(std::string_view key, std::string message, std::string remedy) {
    const Entry* const entry = table_.find(key);
    report_at(entry ? entry->value.place : table_.place, std::move(message), std::move(remedy));
}

void TableSection::report_out_of_range(std::string_view key, const std::string& least, const std::string& most) {
    report(key, code(key) + " is out of range", "from " + least + " to " + most);
}

void TableSection::report_at(const Place& place, std::string message, std::string remedy) {
    diagnostics_.add({place.file, place.line, place.column, std::move(message), std::move(remedy)});
}

void TableSection::report_unknown(const Entry& entry) {
    if (contains(secrets_, entry.key)) {
        report_at(
            entry.place,
            code(entry.key) + " may not stand in the configuration in clear",
            "put it into a file with mode 0600 and name that: " + entry.key + "_file or " + entry.key + "_credential");
    } else if (contains(files_, entry.key)) {
        report_at(
            entry.place, "unknown key " + code(entry.key) + " in " + name_, "did you mean `" + entry.key + "_file`?");
    } else {
        const auto meant = nearest(entry.key, known_);
        report_at(entry.place,
                  "unknown key " + code(entry.key) + " in " + name_,
                  meant ? "did you mean " + code(*meant) + "?" : "known here: " + listed(known_));
    }
}

void TableSection::finish() {
    for (const auto& entry : table_.entries) {
        if (!contains(known_, entry.key)) report_unknown(entry);
    }
}

}  // namespace signwatch::config
