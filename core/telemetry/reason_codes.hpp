#pragma once

#include <string_view>

namespace signwatch::telemetry {

/// The label value for an error code: the code itself if it is one of the fixed list, else "other". Keeps the number of
/// time series bounded whatever text reaches a metric.
std::string_view bounded_reason(std::string_view code);

}  // namespace signwatch::telemetry
