#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/time.hpp"

namespace signwatch::reconcile {

/// What can be wrong, as it stands in metrics, tables and JSON.
enum class Kind {
    document_missing,   ///< a row says it is stored, and it is not
    document_corrupt,   ///< it no longer has its size or hash
    document_orphaned,  ///< stored long ago, and no row says so
    document_lacking,   ///< committed or acknowledged without a document that the policy demanded
    event_missing,      ///< marked published, and the stream lacks it though it reaches back as far
    event_unpublished,  ///< waiting in the outbox for too long
    watch_unscheduled,  ///< should be looked at, and has no place in the schedule
    watch_overdue,      ///< the account's first watch in the schedule does not move
    watch_far,          ///< due later than any budget or interval could mean
    process_lost,       ///< goes on, and nothing looks at it
    update_stopped,     ///< will never be taken up again
    update_overdue,     ///< should have been taken up long ago
    budget_exceeded,    ///< more calls were counted than the limit allows
};
constexpr std::size_t kind_count = 13;

std::string_view name_of(Kind kind);

/// What was done about it.
enum class Remedy {
    none,        ///< nobody asked for repair
    done,        ///< mended
    ordered,     ///< put on its way: the daemon does it in its turn, under its budgets
    impossible,  ///< the detail says why
};

std::string_view name_of(Remedy remedy);

/// One thing found. No personal data: ids, entry ids, hashes.
struct Divergence {
    Kind kind = Kind::document_missing;
    std::string account;     ///< empty: of no account
    std::string process_id;  ///< empty: of no single process
    std::string detail;
    Remedy remedy = Remedy::none;
};

struct Tally {
    std::size_t found = 0;
    std::size_t mended = 0;  ///< done or ordered
};

/// What a run has looked at and found. All are counted; the first `most_kept` are kept.
class Report {
public:
    static constexpr std::size_t most_kept = 1000;

    void add(Divergence divergence);
    /// Part of the check could not be made, and why.
    void leave_out(std::string what) { left_out_.push_back(std::move(what)); }

    const Tally& tally(Kind kind) const { return tallies_.at(static_cast<std::size_t>(kind)); }
    const std::vector<Divergence>& divergences() const { return kept_; }
    const std::vector<std::string>& left_out() const { return left_out_; }
    std::size_t found() const;
    /// Found, and neither mended nor on its way.
    std::size_t open() const;

    std::size_t documents = 0;  ///< rows compared
    std::size_t objects = 0;    ///< stored documents listed
    std::uint64_t bytes = 0;    ///< read to compare hashes
    std::size_t updates = 0;    ///< row ids gone through, as the next two
    std::size_t watches = 0;
    std::size_t processes = 0;
    std::size_t events = 0;  ///< compared with the stream
    milliseconds duration{};

private:
    std::array<Tally, kind_count> tallies_{};
    std::vector<Divergence> kept_;
    std::vector<std::string> left_out_;
};

}  // namespace signwatch::reconcile
