#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/domain/error.hpp"
#include "core/ports/http.hpp"
#include "providers/signhub/config.hpp"

/// Shared by the tests of this folder.
namespace signwatch::signhub::testing {

std::string read_text(const std::filesystem::path& path);
std::string fixture(const std::string& name);

/// The samples of the protocol notes whose name begins so; empty (and said so) where they are not at hand.
std::vector<std::filesystem::path> samples(const std::string& prefix);

/// A keyed hash as the installation's own.
Pseudonymise pseudonymise();

ReadingRules rules();

/// A look at a flow; registered at 2026-03-04T10:00:00Z.
Watch watch(const std::string& flow = "7001");

HttpResponse response(int status, std::string body = {}, std::vector<HttpHeader> headers = {});

/// A status with one item, of whose members `item` gives some more.
std::string status_body(const std::string& flow_status, const std::string& item_status, const std::string& item = "");

/// What `action` throws; nullopt if it throws nothing.
template <typename Action>
std::optional<Error> error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

/// Its code; "" if it throws none.
template <typename Action>
std::string code_of(Action action) {
    const auto error = error_of(action);
    return error ? error->code() : "";
}

}  // namespace signwatch::signhub::testing
