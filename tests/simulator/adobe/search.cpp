#include "tests/simulator/adobe/search.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>
#include <vector>

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;

/// An agreement as the replica has it.
struct Hit {
    const Agreement* agreement;
    AgreementState state;
    std::int64_t created;   ///< s since 1970
    std::int64_t modified;  ///< s since 1970
};

std::int64_t second_of(microseconds wall) {
    return wall.count() / 1'000'000;
}

std::vector<Hit> copy_of(const Replica& replica) {
    std::vector<Hit> hits;
    const Calendar& calendar = replica.world.calendar();
    for (const Agreement& agreement : replica.world.agreements()) {
        if (agreement.plan.created > replica.as_of) continue;
        AgreementState state = state_at(agreement.plan, replica.as_of);
        const std::int64_t modified = second_of(calendar.wall_at(state.last_change()));
        hits.push_back({&agreement, std::move(state), second_of(calendar.wall_at(agreement.plan.created)), modified});
    }
    return hits;
}

std::int64_t bound_in(const json& range, const char* name, std::int64_t fallback) {
    if (!range.contains(name) || range[name].is_null()) return fallback;
    return second_of(wall_of_date(range[name].get<std::string>()));
}

/// Which times a range lets through; both its ends are known by two names.
struct Range {
    std::int64_t after = INT64_MIN;
    std::int64_t before = INT64_MAX;
    std::int64_t least = INT64_MIN;
    std::int64_t most = INT64_MAX;

    bool has(std::int64_t second) const {
        return second > after && second < before && second >= least && second <= most;
    }
};

Range range_in(const json& criteria, const char* name) {
    Range range;
    if (!criteria.contains(name)) return range;
    const json& given = criteria.at(name).at("range");
    range.after = bound_in(given, "gt", range.after);
    range.before = bound_in(given, "lt", range.before);
    range.least = bound_in(given, "min", range.least);
    range.most = bound_in(given, "max", range.most);
    return range;
}

std::set<std::string> words_in(const json& criteria, const char* name) {
    if (!criteria.contains(name)) return {};
    const json& given = criteria.at(name);
    return given.is_string() ? std::set{given.get<std::string>()} : given.get<std::set<std::string>>();
}

void keep_what_was_asked_for(std::vector<Hit>& hits, const json& criteria, const BodyForm& form) {
    const Range created = range_in(criteria, "createdDate");
    const Range modified = range_in(criteria, "modifiedDate");
    const auto status = words_in(criteria, "status");
    const auto external = words_in(criteria, "externalId");
    const auto type = words_in(criteria, "type");
    if (!type.empty() && !type.contains("AGREEMENT")) hits.clear();
    std::erase_if(hits, [&](const Hit& hit) {
        if (!created.has(hit.created) || !modified.has(hit.modified)) return true;
        if (!external.empty() && !external.contains(hit.agreement->external_id)) return true;
        return !status.empty() && !status.contains(std::string(status_word(hit.state, form)));
    });
}

void sort(std::vector<Hit>& hits, const json& criteria) {
    const std::string field = criteria.value("sortByField", "MODIFIED_DATE");
    if (field != "MODIFIED_DATE" && field != "CREATED_DATE") throw std::invalid_argument("sortByField");
    const auto key = [&](const Hit& hit) { return field == "CREATED_DATE" ? hit.created : hit.modified; };
    const bool ascending = criteria.value("sortOrder", "DESC") == "ASC";
    std::ranges::stable_sort(hits, [&](const Hit& left, const Hit& right) {
        return ascending ? key(left) < key(right) : key(right) < key(left);
    });
}

}  // namespace

std::optional<ordered_json> list_page(const Replica& replica,
                                      const std::string& cursor,
                                      std::size_t page_size,
                                      const std::string& external_id,
                                      bool blank) {
    std::size_t start = 0;
    if (!cursor.empty()) {
        constexpr std::string_view prefix = "sim-cursor-";
        const std::string_view digits = std::string_view(cursor).substr(std::min(cursor.size(), prefix.size()));
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), start);
        if (!cursor.starts_with(prefix) || error != std::errc{} || end != digits.data() + digits.size())
            return std::nullopt;
    }
    std::vector<Hit> hits = copy_of(replica);
    if (!external_id.empty())
        std::erase_if(hits, [&](const Hit& hit) { return hit.agreement->external_id != external_id; });
    std::ranges::reverse(hits);
    start = std::min(start, hits.size());
    const std::size_t end = std::min(hits.size(), start + std::min(page_size, replica.page_limit));
    ordered_json body;
    body["page"] = ordered_json::object();
    if (end < hits.size()) body["page"]["nextCursor"] = "sim-cursor-" + std::to_string(end);
    if (end == hits.size() && blank) body["page"]["nextCursor"] = " ";
    body["userAgreementList"] = ordered_json::array();
    for (std::size_t i = start; i < end; ++i)
        body["userAgreementList"].push_back(
            list_item({*hits[i].agreement, hits[i].state, replica.world.calendar(), replica.form}));
    return body;
}

ordered_json search_page(const Replica& replica, const json& request, bool bare) {
    const json& scope = request.at("scope");
    if (!scope.is_array() || scope != json::array({"AGREEMENT_ASSETS"})) throw std::invalid_argument("scope");
    const json& criteria = request.at("agreementAssetsCriteria");
    std::vector<Hit> hits = copy_of(replica);
    keep_what_was_asked_for(hits, criteria, replica.form);
    sort(hits, criteria);
    const std::size_t start = std::min(criteria.value("startIndex", std::size_t{0}), hits.size());
    const std::size_t size = std::min(criteria.value("pageSize", std::size_t{50}), replica.page_limit);
    if (size == 0) throw std::invalid_argument("pageSize");
    const std::size_t end = std::min(hits.size(), start + size);
    ordered_json results;
    results["status"] = ordered_json::object();
    results["totalHits"] = hits.size();
    results["searchPageInfo"] = ordered_json::object();
    if (end < hits.size())
        results["searchPageInfo"]["nextIndex"] = end;
    else if (!bare)
        results["searchPageInfo"]["nextIndex"] = nullptr;
    results["agreementAssetsResultList"] = ordered_json::array();
    for (std::size_t i = start; i < end; ++i)
        results["agreementAssetsResultList"].push_back(
            search_item({*hits[i].agreement, hits[i].state, replica.world.calendar(), replica.form}));
    return {{"totalHits", hits.size()}, {"agreementAssetsResults", std::move(results)}};
}

}  // namespace signwatch::simulator::adobe
