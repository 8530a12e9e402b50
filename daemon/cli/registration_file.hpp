#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/registration.hpp"

namespace signwatch::cli {

/// One line of a file of registrations: what it says, or what is wrong with it.
struct RegistrationLine {
    std::size_t number = 0;
    std::optional<Registration> registration;
    std::string mistake;
};

/// Reads registrations line by line: JSON Lines, or CSV if the first line is a heading. Columns: account, process_id,
/// correlation_id, and optionally deadline, interval and label.NAME. Quotes as in RFC 4180, without line breaks inside.
class RegistrationFile {
public:
    explicit RegistrationFile(std::istream& input) : input_(input) {}

    /// The next line that is not empty; nullopt at the end.
    std::optional<RegistrationLine> next();

private:
    RegistrationLine read_json(const std::string& line) const;
    RegistrationLine read_csv(const std::string& line) const;

    std::istream& input_;
    std::size_t number_ = 0;
    std::vector<std::string> columns_;  ///< of CSV; empty: JSON Lines
};

/// One line of CSV; nullopt if a quote is not closed.
std::optional<std::vector<std::string>> split_csv(const std::string& line);

}  // namespace signwatch::cli
