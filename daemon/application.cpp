#include "daemon/application.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "daemon/foundations.hpp"

namespace signwatch::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds chore_interval = seconds{2};
constexpr milliseconds inbound_grace = seconds{5};

constexpr std::size_t reference_length = 16;

telemetry::LogFormat format_of(const cli::RunOptions& options, const config::Configuration& configuration) {
    const std::string name = options.log_format.value_or(configuration.log.format);
    return name == "text" ? telemetry::LogFormat::text : telemetry::LogFormat::json;
}

telemetry::Level level_of(const cli::RunOptions& options, const config::Configuration& configuration) {
    return telemetry::level_from(options.log_level.value_or(configuration.log.level)).value_or(telemetry::Level::info);
}

/// The accounts that listen for webhooks, as long as the generation.
std::vector<inbound::Listening> listening_in(const config::Configuration& configuration, Generation& generation) {
    std::vector<inbound::Listening> listening;
    for (const config::WebhookDoor& door : configuration.doors) {
        Provider& provider = generation.accounts().at(door.account)->provider();
        if (provider.webhooks()) listening.push_back({door, provider.terms().provider, provider.webhooks()});
    }
    return listening;
}

}  // namespace

Application::Application(cli::RunOptions options, std::vector<const ProviderFactory*> factories)
    : options_(std::move(options)),
      factories_(std::move(factories)),
      configuration_(config::load(options_.config_path, factories_)),
      clock_(loop_.get_executor()),
      lapse_(clock_, options_.time_lapse),
      schedule_clock_(options_.time_lapse > 1 ? static_cast<Clock&>(lapse_) : clock_),
      log_(format_of(options_, configuration_), level_of(options_, configuration_)),
      logger_(log_.logger("daemon")),
      metrics_(SIGNWATCH_VERSION, log_),
      observer_(metrics_, log_.logger("pipeline"), clock_),
      progress_(options_.kill_at),
      health_(clock_),
      notifier_(notify::Notifier::from_environment()),
      adapters_(loop_.get_executor(), clock_, configuration_, progress_, metrics_),
      housekeeping_(clock_, adapters_, metrics_, health_, log_.logger("housekeeping"), configuration_),
      reconciliation_(schedule_clock_,
                      adapters_,
                      metrics_,
                      health_,
                      log_.logger("reconciliation"),
                      [this]() -> Generation& { return *generation_; }),
      server_(loop_.get_executor(), configuration_.listen.internal, health_, metrics_, log_),
      registrar_(schedule_clock_, *adapters_.state, [this](const std::string& name) { return find_account(name); }),
      admin_(make_admin()),
      membership_(clock_,
                  *adapters_.state,
                  health_,
                  log_.logger("membership"),
                  [this] {
                      lease_lost_ = true;
                      control_.set();
                  }),
      relay_(clock_, *adapters_.state, *adapters_.stream, observer_, progress_),
      supervision_({clock_,
                    metrics_,
                    health_,
                    notifier_,
                    logger_,
                    housekeeping_,
                    relay_,
                    [this]() -> Generation& { return *generation_; }}),
      inbox_(*adapters_.state, progress_, [this] { generation_->wake_reader(); }),
      inbound_(make_inbound()),
      tasks_(loop_.get_executor(),
             [this](const std::string& name, const std::string& what) {
                 logger_.error("a task failed", {{"task", name}, {"error", what}});
             }),
      signals_(loop_, SIGTERM, SIGINT, SIGHUP) {}

void Application::run() {
    std::signal(SIGPIPE, SIG_IGN);
    wait_for_signal();
    tasks_.spawn("daemon", live());
    loop_.run();
}

Task<void> Application::live() {
    co_await start();
    while (!stopping_) {
        if (std::exchange(lease_lost_, false)) co_await start_again();
        if (std::exchange(reload_requested_, false)) co_await reload();
        const WallTime never = clock_.schedule_now() + std::chrono::hours{24};
        if (!stopping_ && !reload_requested_ && !lease_lost_) co_await clock_.sleep_until(never, control_);
    }
    co_await shut_down();
}

Task<void> Application::start() {
    server_.start();
    co_await membership_.adopt_timeline();
    const std::string fresh_key = crypto::to_base64(crypto::random_bytes(32));
    const std::string key = co_await adapters_.state->remember("installation_key", fresh_key);
    pseudonymise_ = [key](const Sensitive& identity) {
        return crypto::to_base32(crypto::hmac_sha256(key, identity.reveal())).substr(0, reference_length);
    };

    generation_ = make_generation(configuration_);
    adopt(configuration_);
    co_await generation_->start();
    if (admin_) admin_->start();
    tasks_.spawn("membership", membership_.run());
    if (inbound_) {
        inbound_->adopt(inbound::Adoption::read(configuration_.inbound, listening_in(configuration_, *generation_)));
        inbound_->start();
    }
    tasks_.spawn("relay", relay_.run());
    if (adapters_.commands) {
        commands_ = std::make_unique<CommandLoop>(clock_, *adapters_.commands, registrar_, observer_);
        tasks_.spawn("commands", commands_->run());
    }
    tasks_.spawn("supervision", supervision_.run());
    tasks_.spawn("housekeeping", keep_house());
    tasks_.spawn("reconciliation", reconciliation_.run());
    note_certificates();
    health_.started();
    notifier_.ready("watching " + std::to_string(configuration_.accounts.size()) + " accounts");
    logger_.info("started", {{"version", SIGNWATCH_VERSION}, {"accounts", configuration_.accounts.size()}});
}

std::unique_ptr<admin::AdminServer> Application::make_admin() {
    if (configuration_.admin.off) return nullptr;
    const admin::AdminParts parts{clock_, registrar_, *adapters_.state, *adapters_.view, adapters_.view_pool};
    return std::make_unique<admin::AdminServer>(loop_.get_executor(), configuration_.admin, parts, metrics_, log_);
}

// Whom it listens for is known when there is a generation.
std::unique_ptr<inbound::InboundServer> Application::make_inbound() {
    if (configuration_.inbound.off) return nullptr;
    const inbound::InboundParts parts{clock_, inbox_, observer_, metrics_, log_};
    return std::make_unique<inbound::InboundServer>(
        loop_.get_executor(), inbound::Adoption::read(configuration_.inbound, {}), parts);
}

std::unique_ptr<Generation> Application::make_generation(const config::Configuration& configuration) {
    const pipeline::LineParts parts{loop_.get_executor(),
                                    schedule_clock_,
                                    *adapters_.state,
                                    adapters_.documents,
                                    *adapters_.verifier,
                                    observer_,
                                    progress_};
    const ProviderContext context{*adapters_.http, schedule_clock_, pseudonymise_, adapters_.state.get()};
    auto on_failure = [this](const std::string& name, const std::string& what) {
        logger_.error("a task failed", {{"task", name}, {"error", what}});
    };
    auto generation = std::make_unique<Generation>(
        parts, configuration.accounts, factories_, context, budgets_, on_failure, [this] { relay_.wake(); });
    // Nobody can tell us anything: then looks have to find it all.
    if (configuration.inbound.off)
        for (const auto& [name, account] : generation->accounts())
            account->budget().expect_hints(false);
    return generation;
}

// What a configuration changes outside its generation.
void Application::adopt(const config::Configuration& configuration) {
    log_.set_level(level_of(options_, configuration));
    std::vector<std::string> names;
    for (const auto& account : configuration.accounts) {
        names.push_back(account->terms().account);
        metrics_.declare_account(account->terms().account, account->terms().provider);
    }
    for (const std::string& doubt : config::doubts_about(configuration))
        logger_.warn("the configuration is hardly what is meant", {{"doubt", doubt}});
    housekeeping_.serve(std::move(names));
    reconciliation_.adopt(configuration.reconcile);
    metrics_.config_loaded(clock_.now(), configuration.hash);
    health_.pass("config", "loaded");
}

// Reads every certificate once more: after polling has begun.
void Application::note_certificates() {
    for (const auto& account : configuration_.accounts)
        for (const http::CertificateExpiry& expiry : http::certificate_expiries(account->identity()))
            metrics_.set_certificate_expiry(account->terms().account, expiry.name, expiry.not_after);
}

const AccountSettings* Application::find_account(const std::string& name) const {
    for (const auto& account : configuration_.accounts)
        if (account->terms().account == name) return account.get();
    return nullptr;
}

// What was in hand has been taken over by others: it ends without effect, and we begin as a new daemon would.
Task<void> Application::start_again() {
    co_await generation_->drain();
    co_await membership_.rejoin();
    if (stopping_) co_return;
    generation_ = make_generation(configuration_);
    co_await generation_->start();
}

Task<void> Application::reload() {
    notifier_.reloading();
    std::optional<config::Configuration> fresh;
    std::unique_ptr<Generation> next;
    std::optional<admin::Access> access;
    std::optional<inbound::Adoption> adoption;
    std::optional<s3::Credentials> credentials;
    try {
        fresh = config::load(options_.config_path, factories_);
        require_same_foundations(configuration_, *fresh);
        if (admin_) access = admin::Access::read(fresh->admin);
        credentials = adapters_.read_credentials(*fresh);
        next = make_generation(*fresh);
        if (inbound_) adoption = inbound::Adoption::read(fresh->inbound, listening_in(*fresh, *next));
    } catch (const std::exception& mistake) {
        next.reset();
        metrics_.config_rejected();
        health_.degrade("config", "the last reload was refused; the configuration before it is at work");
        logger_.error("reload refused, nothing has changed", {{"error", mistake.what()}});
    }
    if (next) {
        co_await generation_->drain();
        for (const auto& [name, account] : generation_->accounts())
            supervision_.forget_account(name);
        // Without a pause in between: the routes lead into the old generation until they are replaced.
        generation_ = std::move(next);
        if (inbound_) inbound_->adopt(std::move(*adoption));
        configuration_ = std::move(*fresh);
        adopt(configuration_);
        if (admin_) admin_->adopt(std::move(*access));
        adapters_.adopt(std::move(credentials));
        co_await generation_->start();
        note_certificates();
        logger_.info("reloaded", {{"accounts", configuration_.accounts.size()}});
    }
    notifier_.ready("watching " + std::to_string(configuration_.accounts.size()) + " accounts");
}

Task<void> Application::shut_down() {
    tasks_.spawn("grace", end_after_grace());
    if (admin_) admin_->drain();
    if (inbound_) inbound_->drain();
    if (commands_) commands_->stop();
    reconciliation_.stop();
    co_await generation_->drain();
    if (inbound_) co_await finish_inbound();
    relay_.stop();
    membership_.stop();
    ended_ = true;
    supervision_.stop();
    chores_.set();
    if (admin_) admin_->stop();
    server_.stop();
    signals_.cancel();
    logger_.info("stopped: everything in flight has ended");
}

// What has begun may end, as long as its sender waits for it.
Task<void> Application::finish_inbound() {
    const WallTime end = clock_.schedule_now() + inbound_grace;
    Wake never;
    while (inbound_->busy() > 0 && clock_.schedule_now() < end) {
        const WallTime next = clock_.schedule_now() + milliseconds{10};
        co_await clock_.sleep_until(next, never);
    }
    inbound_->stop();
}

// What has not ended by then is safe in its rows, and the next start goes on from them.
Task<void> Application::end_after_grace() {
    const WallTime end = clock_.schedule_now() + configuration_.pipeline.shutdown_grace - milliseconds{500};
    Wake never;
    while (!ended_ && clock_.schedule_now() < end) {
        const WallTime next = clock_.schedule_now() + milliseconds{50};
        co_await clock_.sleep_until(next, never);
    }
    const WallTime relay_end = std::max(end, clock_.schedule_now() + milliseconds{300});
    while (tasks_.running() > 1 && clock_.schedule_now() < relay_end) {
        const WallTime next = clock_.schedule_now() + milliseconds{10};
        co_await clock_.sleep_until(next, never);
    }
    if (tasks_.running() > 1) {
        logger_.warn("stopped: not everything has ended, the rest is journalled", {{"tasks", generation_->running()}});
        std::_Exit(EXIT_SUCCESS);
    }
}

Task<void> Application::keep_house() {
    while (!ended_) {
        co_await housekeeping_.round();
        if (inbound_) metrics_.set_inbound_connections(inbound_->connections());
        const WallTime next = clock_.schedule_now() + chore_interval;
        if (!ended_) co_await clock_.sleep_until(next, chores_);
    }
}

void Application::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        on_signal(number);
        wait_for_signal();
    });
}

void Application::on_signal(int number) {
    if (number == SIGHUP) {
        reload_requested_ = true;
    } else if (stopping_) {
        logger_.warn("stopped at once by a second signal");
        std::_Exit(EXIT_FAILURE);
    } else {
        stopping_ = true;
        health_.draining();
        notifier_.stopping("finishing what is in flight");
        logger_.info("stopping", {{"signal", number}});
    }
    control_.set();
}

}  // namespace signwatch::daemon
