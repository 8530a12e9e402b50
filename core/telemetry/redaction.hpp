#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signwatch::telemetry {

/// The last net before a log line leaves: masks what looks like a national number (11 digits, also as 6 and 5), an
/// e-mail address, or what follows the host of an http(s) URL (with the user-info before it). `count` grows by the
/// number of masks.
std::string redact(std::string_view text, std::uint64_t& count);

}  // namespace signwatch::telemetry
