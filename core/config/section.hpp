#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::config {

/// One mistake in the configuration: where it is, what is wrong, and what to do about it.
struct Diagnostic {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message;
    std::string remedy;

    /// "file:line:column: message (remedy)"; without the position if `line` is 0 (the file as a whole).
    std::string text() const;

    bool operator==(const Diagnostic&) const = default;
};

/// Collects every mistake of one reading, in order; the same mistake counts once.
class Diagnostics {
public:
    void add(Diagnostic diagnostic);
    bool empty() const { return list_.empty(); }
    const std::vector<Diagnostic>& list() const { return list_; }

private:
    std::vector<Diagnostic> list_;
};

/// A strict reader of one TOML table. Each getter marks its key as known and reports a wrong type or an impossible
/// value; `finish` reports every key nobody asked for, with the nearest valid name. Getters return the fallback after a
/// mistake, so that one reading reports them all.
class Section {
public:
    virtual ~Section() = default;

    virtual bool has(std::string_view key) const = 0;
    virtual std::string text(std::string_view key, std::string_view fallback) = 0;
    /// Reports a missing key.
    virtual std::string required_text(std::string_view key) = 0;
    /// One of `words`; anything else is reported with the nearest of them.
    virtual std::string choice(std::string_view key,
                               const std::vector<std::string>& words,
                               std::string_view fallback) = 0;
    virtual std::vector<std::string> texts(std::string_view key, std::vector<std::string> fallback) = 0;
    virtual std::int64_t integer(std::string_view key,
                                 std::int64_t fallback,
                                 std::int64_t least,
                                 std::int64_t most) = 0;
    virtual double number(std::string_view key, double fallback, double least, double most) = 0;
    virtual bool boolean(std::string_view key, bool fallback) = 0;
    /// "250ms", "30s", "10m", "2h", "1d"
    virtual std::chrono::milliseconds duration(std::string_view key,
                                               std::chrono::milliseconds fallback,
                                               std::chrono::milliseconds least,
                                               std::chrono::milliseconds most) = 0;
    /// "64KiB", "100MiB", "2GiB", "512B"
    virtual std::uint64_t size(std::string_view key,
                               std::uint64_t fallback,
                               std::uint64_t least,
                               std::uint64_t most) = 0;
    /// `<key>_file = "path"` or `<key>_credential = "name"` (a file in $CREDENTIALS_DIRECTORY). Gives the path,
    /// resolved against the configuration file; reports both given, a missing file, and (if `secret`) one that others
    /// can read. Empty if neither is given.
    virtual std::string file(std::string_view key, bool secret) = 0;

    /// Whether what is in those files is to be looked at now, and not only when it is used.
    virtual bool looks_into_files() const = 0;

    /// Reports a mistake at `key` (at the table itself if the key is absent).
    virtual void report(std::string_view key, std::string message, std::string remedy) = 0;

    /// Reports unknown keys. Call once, after the last getter.
    virtual void finish() = 0;
};

}  // namespace signwatch::config
