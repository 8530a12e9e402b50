#pragma once

#include <vector>

#include <prometheus/metric_family.h>

namespace signwatch::telemetry {

class Log;

/// CPU time, memory, descriptors and start time of this process, under the names that every Prometheus client uses.
std::vector<prometheus::MetricFamily> collect_process();

/// Lines by level, and what was masked in them or held back.
std::vector<prometheus::MetricFamily> collect_log(const Log& log);

}  // namespace signwatch::telemetry
