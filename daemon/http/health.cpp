#include "daemon/http/health.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::internal_http {

bool gates_readiness(std::string_view check) {
    return check == "store" || check == "documents" || check == "loops";
}

bool Health::ready() const {
    const auto in_the_way = [](const auto& entry) { return !entry.second.ok && gates_readiness(entry.first); };
    return started_ && !draining_ && std::none_of(checks_.begin(), checks_.end(), in_the_way);
}

bool Health::live() const {
    const auto loops = checks_.find("loops");
    return loops == checks_.end() || loops->second.ok;
}

void Health::report(const std::string& name, bool ok, std::string detail) {
    const auto [entry, added] = checks_.try_emplace(name);
    Check& check = entry->second;
    if (added || check.ok != ok) check.since = clock_.now();
    check.ok = ok;
    check.detail = std::move(detail);
}

}  // namespace signwatch::internal_http
