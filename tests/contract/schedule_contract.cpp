// The schedule under everything that happens to it, against a model: nothing is given too early or twice, nothing is
// lost.
#include <map>
#include <random>

#include "tests/contract/processes_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds unanswered_wait = 600s;

// What is known of a watch: it must not be given before `earliest`, and has to be given from `latest` on.
struct Expectation {
    WallTime earliest;
    WallTime latest;
    bool under_way = false;
};

class Model {
public:
    void place(const std::string& process, WallTime due_at) {
        watches_[process] = {due_at, std::max(due_at, last_claim_) + 1ms};
    }
    // False: it was given too early.
    bool give(const std::string& process, WallTime now) {
        Expectation& watch = watches_.at(process);
        const bool allowed = watch.earliest <= now;
        last_until_ = now + unanswered_wait;
        watch = {last_until_, std::max(last_until_, now) + 1ms, true};
        return allowed;
    }
    std::vector<std::string> owed(WallTime now) const {
        std::vector<std::string> owed;
        for (const auto& [process, watch] : watches_) {
            if (watch.latest <= now) owed.push_back(process);
        }
        return owed;
    }
    void claimed(WallTime now) {
        last_claim_ = now;
        // One that runs out now may be put just behind what is claimed now.
        for (auto& [process, watch] : watches_)
            watch.latest = std::max(watch.latest, watch.under_way ? now + 1ms : watch.latest);
    }
    // Claims of a daemon that died run out with the last of them.
    void die() {
        for (auto& [process, watch] : watches_) {
            if (watch.under_way) watch.latest = std::max(watch.latest, last_until_ + 1ms);
            watch.under_way = false;
        }
    }

private:
    std::map<std::string, Expectation> watches_;
    WallTime last_claim_{};
    WallTime last_until_{};
};

class Life {
public:
    explicit Life(unsigned seed) : random_(seed) {}

    int upto(int last) { return std::uniform_int_distribution<int>(0, last)(random_); }
    template <typename T>
    T take_one(std::vector<T>& from) {
        const auto which = from.begin() + upto(static_cast<int>(from.size()) - 1);
        T taken = std::move(*which);
        from.erase(which);
        return taken;
    }

private:
    std::mt19937 random_;
};

TEST_P(ProcessContract, whatever_happens_no_watch_is_given_too_early_and_none_is_lost) {
    Life life(20'261'128);
    Model model;
    std::vector<Watch> under_way;
    WallTime now = at(0);
    int known = 0;
    int given = 0;
    for (int step = 0; step < 1'500; ++step) {
        now += std::chrono::seconds{life.upto(9) == 0 ? life.upto(900) : life.upto(3)};
        const int what = life.upto(99);
        if (what < 8 || known == 0) {
            const std::string process = std::to_string(known++);
            const WallTime due_at = now + std::chrono::seconds{life.upto(400) - 200};
            watch(process, due_at);
            model.place(process, due_at);
        } else if (what < 40) {
            const auto limit = static_cast<std::size_t>(1 + life.upto(20));
            std::vector<std::string> owed = model.owed(now);
            const std::vector<Watch> claimed = claim({"acme"}, now, limit);
            for (const Watch& each : claimed) {
                EXPECT_TRUE(model.give(each.key.target, now)) << each.key.target << " at step " << step;
                std::erase(owed, each.key.target);
                std::erase_if(under_way, [&](const Watch& other) { return other.id == each.id; });
                under_way.push_back(each);
                ++given;
            }
            EXPECT_TRUE(owed.empty() || claimed.size() == limit) << "at step " << step;
            model.claimed(now);
        } else if (what < 97 && !under_way.empty()) {
            const Watch each = life.take_one(under_way);
            const WallTime due_at = now + std::chrono::seconds{life.upto(600) - 50};
            settle(each.id, due_at);
            model.place(each.key.target, due_at);
        } else if (what >= 99) {
            reopen();
            model.die();
            if (life.upto(1) == 0) under_way.clear();
        }
    }
    EXPECT_GT(given, 1'000);
}

TEST_P(ProcessContract, a_look_that_was_never_settled_is_given_again_and_counted) {
    watch("1", at(0));
    watch("2", at(1));
    const auto first = claim({"acme"}, at(1));
    ASSERT_EQ(first.size(), 2U);
    settle(first[0].id, at(50));
    EXPECT_EQ(claim_targets("acme", at(50)), std::vector<std::string>{"1"});
    // A store may keep one time for all that is under way, and then says when the latest claim runs out.
    EXPECT_GE(wait(store().next_due({"acme"})).value(), at(601));
    EXPECT_LE(wait(store().next_due({"acme"})).value(), at(650));
    EXPECT_TRUE(claim({"acme"}, at(600)).empty());
    const auto again = claim({"acme"}, at(601));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].key.target, "2");
    EXPECT_EQ(again[0].attempts, 1);
}

TEST_P(ProcessContract, what_becomes_due_before_what_is_under_way_has_its_turn) {
    watch("1", at(100));
    EXPECT_EQ(claim({"acme"}, at(100)).size(), 1U);
    watch("2", at(50));
    EXPECT_EQ(claim_targets("acme", at(101)), std::vector<std::string>{"2"});
    EXPECT_EQ(order("1", ProcessOrder::pause, at(102)), OrderOutcome::done);
    EXPECT_EQ(order("1", ProcessOrder::resume, at(102)), OrderOutcome::done);
    EXPECT_TRUE(claim({"acme"}, at(103)).empty());
}

}  // namespace
}  // namespace signwatch::testing
