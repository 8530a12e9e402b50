#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/ports/clock.hpp"

namespace signwatch::internal_http {

/// What one part of the daemon says about itself.
struct Check {
    bool ok = false;
    std::string detail;  ///< one line without personal data
    WallTime since{};    ///< when it last changed between ok and degraded
};

/// Whether a degraded check makes us unready: "store", "documents" and "loops" do. All others ("redis", "config", a
/// provider) are only shown, because neither a restart nor another replica would help there.
bool gates_readiness(std::string_view check);

/// What is told at /livez, /readyz and /startupz. Pure memory, no I/O. Event-loop thread only; the clock outlives it.
class Health {
public:
    explicit Health(const Clock& clock) : clock_(clock) {}

    void pass(const std::string& check, std::string detail) { report(check, true, std::move(detail)); }
    void degrade(const std::string& check, std::string detail) { report(check, false, std::move(detail)); }
    /// The part is no longer there (an account that a reload removed).
    void forget(const std::string& check) { checks_.erase(check); }

    /// Start-up has ended.
    void started() { started_ = true; }
    /// We are stopping: from now on not ready.
    void draining() { draining_ = true; }

    bool is_started() const { return started_; }
    bool is_draining() const { return draining_; }
    /// Started, not draining, and no gating check is degraded.
    bool ready() const;
    /// Every loop moves, as far as the watchdog ("loops") knows.
    bool live() const;
    const std::map<std::string, Check>& checks() const { return checks_; }

private:
    void report(const std::string& check, bool ok, std::string detail);

    const Clock& clock_;
    std::map<std::string, Check> checks_;
    bool started_ = false;
    bool draining_ = false;
};

}  // namespace signwatch::internal_http
