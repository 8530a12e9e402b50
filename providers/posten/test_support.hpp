#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/domain/error.hpp"
#include "providers/posten/config.hpp"

/// Shared by the tests of this folder.
namespace signwatch::posten::testing {

std::string read_text(const std::filesystem::path& path);
std::string fixture(const std::string& name);

/// The provider's published examples; empty (and said so) where they are not at hand.
std::vector<std::filesystem::path> upstream_examples();

/// A keyed hash as the installation's own.
Pseudonymise pseudonymise();

/// A custom account with one default portal queue and documented waits.
Settings settings();

/// The code of the Error that `action` throws; "" if it throws none.
template <typename Action>
std::string code_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to);

/// A portal update with one signer.
std::string portal_body(const std::string& job_status, const std::string& signer_status, const std::string& urls = "");

/// A direct update with one signer.
std::string direct_body(const std::string& job_status, const std::string& signer_status, const std::string& urls = "");

}  // namespace signwatch::posten::testing
