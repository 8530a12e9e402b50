#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/named_file.hpp"
#include "core/config/section.hpp"
#include "core/config/tree.hpp"

namespace signwatch::config {

/// Section over a parsed table. `name` is how messages call it: "[redis]". Table and diagnostics must outlive it.
class TableSection final : public Section {
public:
    TableSection(std::string name, const Table& table, FileChecks checks, Diagnostics& diagnostics);

    bool has(std::string_view key) const override;
    std::string text(std::string_view key, std::string_view fallback) override;
    std::string required_text(std::string_view key) override;
    std::string choice(std::string_view key, const std::vector<std::string>& words, std::string_view fallback) override;
    std::vector<std::string> texts(std::string_view key, std::vector<std::string> fallback) override;
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) override;
    double number(std::string_view key, double fallback, double least, double most) override;
    bool boolean(std::string_view key, bool fallback) override;
    std::chrono::milliseconds duration(std::string_view key,
                                       std::chrono::milliseconds fallback,
                                       std::chrono::milliseconds least,
                                       std::chrono::milliseconds most) override;
    std::uint64_t size(std::string_view key, std::uint64_t fallback, std::uint64_t least, std::uint64_t most) override;
    std::string file(std::string_view key, bool secret) override;
    bool looks_into_files() const override { return checks_ == FileChecks::offline; }
    void report(std::string_view key, std::string message, std::string remedy) override;
    void finish() override;

private:
    const Value* find(std::string_view key);
    template <typename Type>
    const Type* typed(std::string_view key, std::string_view wanted, std::string_view example);
    std::string named_file(std::string_view key, const Value& value, bool secret);
    std::string credential(std::string_view key, const Value& value, bool secret);
    void check(std::string_view key, const std::string& path, bool secret, bool is_credential);
    void report_out_of_range(std::string_view key, const std::string& least, const std::string& most);
    void report_unknown(const Entry& entry);
    void report_at(const Place& place, std::string message, std::string remedy);

    std::string name_;
    const Table& table_;
    FileChecks checks_;
    Diagnostics& diagnostics_;
    std::vector<std::string> known_;
    std::vector<std::string> files_;    ///< bases of *_file and *_credential keys
    std::vector<std::string> secrets_;  ///< those of them that are secret
};

}  // namespace signwatch::config
