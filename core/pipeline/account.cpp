#include "core/pipeline/account.hpp"

#include <utility>

namespace signwatch::pipeline {

Account::Account(const boost::asio::any_io_executor& loop, std::unique_ptr<Provider> provider, CallBudget& budget)
    : loop_(loop), provider_(std::move(provider)), budget_(budget), landed_(loop) {}

QueueGate& Account::gate(WatchId watch) {
    return gates_.try_emplace(watch, loop_).first->second;
}

Task<void> Account::enter_flight() {
    while (in_flight_ >= terms().max_in_flight)
        co_await landed_.wait();
    ++in_flight_;
}

void Account::leave_flight() {
    --in_flight_;
    landed_.notify_all();
}

InFlight& InFlight::operator=(InFlight&& other) noexcept {
    if (this != &other) {
        reset();
        account_ = other.account_;
        other.account_ = nullptr;
    }
    return *this;
}

void InFlight::reset() {
    if (account_ != nullptr) account_->leave_flight();
    account_ = nullptr;
}

}  // namespace signwatch::pipeline
