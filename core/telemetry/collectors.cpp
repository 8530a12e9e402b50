#include "core/telemetry/collectors.hpp"

#include <dirent.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include "core/telemetry/log.hpp"

namespace signwatch::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
    MetricFamily result;
    result.name = std::move(name);
    result.help = std::move(help);
    result.type = type;
    return result;
}

MetricFamily counter(std::string name, std::string help, double value) {
    MetricFamily result = family(std::move(name), std::move(help), MetricType::Counter);
    result.metric.emplace_back().counter.value = value;
    return result;
}

MetricFamily gauge(std::string name, std::string help, double value) {
    MetricFamily result = family(std::move(name), std::move(help), MetricType::Gauge);
    result.metric.emplace_back().gauge.value = value;
    return result;
}

/// The numbers of /proc/self/stat behind the program's name, from field 3 (state) on; empty where there is no /proc.
std::vector<std::string> stat_fields() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream rest(line.substr(name_end + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
    std::ifstream file("/proc/stat");
    std::string word;
    double value = 0;
    while (file >> word) {
        if (word == "btime" && file >> value) return value;
    }
    return 0;
}

double open_descriptors() {
    DIR* const folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return 0;
    int count = -3;  // ".", ".." and the folder itself
    while (::readdir(folder) != nullptr)
        ++count;
    ::closedir(folder);
    return count;
}

double most_descriptors() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::vector<MetricFamily> collect_process() {
    constexpr std::size_t start_time = 19;
    constexpr std::size_t virtual_size = 20;
    constexpr std::size_t resident_pages = 21;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));

    std::vector<MetricFamily> result;
    result.push_back(counter("process_cpu_seconds_total", "CPU time used, user and system, in seconds", cpu_seconds()));
    result.push_back(gauge("process_open_fds", "Open file descriptors", open_descriptors()));
    result.push_back(gauge("process_max_fds", "Limit of open file descriptors", most_descriptors()));
    const std::vector<std::string> stat = stat_fields();
    if (stat.size() > resident_pages) {
        const double started = boot_time() + std::stod(stat[start_time]) / ticks;
        result.push_back(
            gauge("process_start_time_seconds", "When the process started, in seconds since 1970", started));
        result.push_back(gauge("process_virtual_memory_bytes", "Virtual memory", std::stod(stat[virtual_size])));
        result.push_back(
            gauge("process_resident_memory_bytes", "Resident memory", std::stod(stat[resident_pages]) * page));
    }
    return result;
}

std::vector<MetricFamily> collect_log(const Log& log) {
    MetricFamily messages = family("signwatch_log_messages_total", "Log lines written, by level", MetricType::Counter);
    for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
        ClientMetric& metric = messages.metric.emplace_back();
        metric.label.push_back({"level", std::string(name_of(level))});
        metric.counter.value = static_cast<double>(log.messages(level));
    }
    std::vector<MetricFamily> result;
    result.push_back(std::move(messages));
    result.push_back(counter("signwatch_log_redactions_total",
                             "Texts masked in log lines because they looked like personal data or a URL",
                             static_cast<double>(log.redactions())));
    result.push_back(counter("signwatch_log_suppressed_total",
                             "Log lines left out because their place in the code logged too often",
                             static_cast<double>(log.suppressed())));
    return result;
}

}  // namespace signwatch::telemetry
