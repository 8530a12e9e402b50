#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/domain/error.hpp"
#include "core/ports/http.hpp"
#include "core/ports/keepsakes.hpp"
#include "core/ports/provider_factory.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/mapping.hpp"

/// Shared by the tests of this folder.
namespace signwatch::adobe_sign::testing {

/// Of every fixture.
constexpr const char* agreement_id = "CBJCHBCAABAAq7Tz_loan-2041*x9";

std::string read_text(const std::filesystem::path& path);
std::string fixture(const std::string& name);
/// The fixture of an agreement, with another status.
std::string agreement(const std::string& status);

/// The samples of the protocol notes whose name begins so; empty (and said so) where they are not at hand.
std::vector<std::filesystem::path> samples(const std::string& prefix);

/// A keyed hash as the installation's own.
Pseudonymise pseudonymise();
std::string ref(const std::string& participant_id);

Origin origin();
Watch watch(const std::string& bookmark = "");
HttpResponse response(int status, std::string body = {}, std::vector<HttpHeader> headers = {});

/// Of an account with an integration key at the real hosts.
Settings settings();

/// Hosts that answer by a script, after a turn of the loop, and remember what they were asked.
class ScriptedHosts final : public HttpClientFactory {
public:
    using Script = std::function<HttpResponse(const HttpRequest& request)>;

    /// Throwing an Error is an answer, too.
    explicit ScriptedHosts(Script script) : script_(std::move(script)) {}
    std::unique_ptr<HttpClient> create(HttpIdentity identity) override;

    HttpResponse answer(HttpRequest request);
    /// How often a URL with this text in it was asked.
    int asked(const std::string& part) const;

    std::vector<HttpRequest> requests;
    std::vector<std::string> log;  ///< "GET https://..." in order; also of MemoryKeepsakes

private:
    Script script_;
};

/// Keepsakes in memory.
class MemoryKeepsakes final : public Keepsakes {
public:
    explicit MemoryKeepsakes(ScriptedHosts& hosts) : hosts_(hosts) {}
    Task<std::string> remember(std::string name, std::string value_if_absent) override;
    Task<void> replace(std::string name, std::string value) override;

    std::map<std::string, std::string> values;
    bool broken = false;  ///< replacing fails

private:
    ScriptedHosts& hosts_;
};

/// A clock that the test moves.
class HandClock final : public Clock {
public:
    WallTime now() const override { return time; }
    WallTime schedule_now() const override { return time; }
    std::chrono::steady_clock::time_point steady_now() const override { return {}; }
    Task<void> sleep_until(WallTime due, Wake& wake) override;
    WallTime time = *parse_iso8601("2026-05-11T10:00:00Z");
};

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

}  // namespace signwatch::adobe_sign::testing
