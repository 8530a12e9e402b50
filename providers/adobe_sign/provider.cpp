#include "providers/adobe_sign/provider.hpp"

#include <utility>

#include "core/domain/error.hpp"
#include "providers/adobe_sign/answer.hpp"
#include "providers/adobe_sign/requests.hpp"
#include "providers/adobe_sign/sweep.hpp"
#include "providers/adobe_sign/webhook_health.hpp"

namespace signwatch::adobe_sign {
namespace {

constexpr int most_webhook_pages = 20;
constexpr char drafted = 'd';
constexpr char asked_for = 'a';

// What the watch has to remember of the last answer: an ETag, after a letter that says whether it was a draft.
std::string bookmark_of(const std::string& etag, bool draft) {
    return (draft ? drafted : asked_for) + etag;
}

std::string etag_in(const std::string& bookmark) {
    return bookmark.empty() ? "" : bookmark.substr(1);
}

[[noreturn]] void unknown_watch() {
    throw Error(ErrorKind::permanent, "watch_unknown", "a watch that this account does not have");
}

// Events that cannot be read must not keep a signed contract away; why another one ended is worth asking again.
bool may_lack_events(ProcessState state) {
    return state == ProcessState::completed || state == ProcessState::in_progress;
}

std::vector<WireEvent> events_in(const HttpResponse& response, ProcessState state) {
    try {
        return parse_events(response.body);
    } catch (const Error&) {
        if (!may_lack_events(state)) throw;
        return {};
    }
}

}  // namespace

AdobeSignProvider::AdobeSignProvider(Settings settings, const ProviderContext& context)
    : settings_(std::move(settings)),
      clock_(context.clock),
      pseudonymise_(context.pseudonymise),
      api_(settings_, context),
      asked_(settings_.pace.gap),
      webhooks_(settings_.webhooks.client_ids),
      random_(std::random_device{}()) {}

const Webhooks* AdobeSignProvider::webhooks() const {
    return settings_.webhooks.client_ids.empty() ? nullptr : &webhooks_;
}

Task<PollResult> AdobeSignProvider::poll(Watch watch) {
    if (watch.key.kind == WatchKind::process && is_agreement_id(watch.key.target)) {
        co_return co_await look(std::move(watch));
    }
    if (watch.key == settings_.sweep_watch()) co_return co_await sweep(std::move(watch));
    if (watch.key == settings_.webhook_watch()) co_return co_await check_webhooks(std::move(watch));
    unknown_watch();
}

// A 304 is no news and proves nothing: it is also how Adobe answers those who ask too often.
Task<PollResult> AdobeSignProvider::look(Watch watch) {
    const std::string id = watch.key.target;
    // An end that is doubted is asked about without the ETag: a 304 would prove nothing.
    ApiCall first = agreement_call(id, watch.said_restarted ? std::string() : etag_in(watch.bookmark));
    HttpResponse response = co_await api_.call(std::move(first));
    if (response.status == 304) co_return no_news(watch);
    if (auto result = held(response, watch)) co_return std::move(*result);
    std::optional<WireAgreement> agreement;
    std::optional<Error> trouble;
    try {
        agreement = parse_agreement(response.body);
        if (!agreement->id.empty() && agreement->id != id)
            throw Error(ErrorKind::integrity, "adobe_foreign_agreement", "the answer is about another agreement");
    } catch (const Error& error) {
        trouble = error;
    }
    if (trouble) co_return unreadable(*trouble, std::move(response.body), watch.memory, wait_for(watch, false));

    HttpResponse members;
    std::vector<WireSet> sets;
    if (needs_members(state_of(agreement->status))) {
        co_await api_.one_more();
        ApiCall second = members_call(id);
        members = co_await api_.call(std::move(second));
        if (auto result = held(members, watch)) co_return std::move(*result);
        try {
            sets = parse_members(members.body);
        } catch (const Error& error) {
            trouble = error;
        }
    }
    if (trouble) co_return unreadable(*trouble, std::move(members.body), watch.memory, wait_for(watch, false));

    const Origin origin{settings_.account_terms.account, watch.id, id, watch.seen};
    StatusUpdate update = to_update(*agreement, sets, origin, settings_.documents, pseudonymise_);
    // FORM_FILLED that is not believed has to be looked at whole again.
    const bool doubtful = state_of(agreement->status) != update.state;
    std::string bookmark = bookmark_of(doubtful ? std::string() : etag_of(response), is_draft(agreement->status));
    co_return news(std::move(update), watch, std::move(bookmark), std::move(response.body));
}

Task<StatusUpdate> AdobeSignProvider::complete(StatusUpdate update, DocumentIntake& /*intake*/) {
    if (!is_agreement_id(update.process_id)) unknown_watch();
    ApiCall call = events_call(update.process_id);
    asked_.note(call.path, clock_.schedule_now());
    const HttpResponse response = co_await api_.call(std::move(call));
    if (!is_success(response.status)) throw lengthened(error_for(response, clock_.now()));
    const std::vector<WireEvent> events = events_in(response, update.state);
    co_return with_events(std::move(update), events, pseudonymise_);
}

Task<void> AdobeSignProvider::download(DocumentRef document, DocumentSink& sink) {
    ApiCall call = document_call(document, settings_);
    asked_.note(call.path, clock_.schedule_now());
    const bool is_pdf = document.kind != DocumentKind::form_data;
    PdfSink pdf(sink);
    CountingSink counting(sink);
    DocumentSink* into = is_pdf ? static_cast<DocumentSink*>(&pdf) : &counting;
    const HttpResponse response = co_await api_.call(std::move(call), into);
    if (response.status != 200) throw lengthened(error_for(response, clock_.now()));
    if (is_pdf)
        pdf.check();
    else
        counting.check();
}

Task<PollResult> AdobeSignProvider::sweep(Watch watch) {
    const bool by_search = settings_.sweep.by == SweepBy::search;
    const SearchPosition position = search_position(by_search ? watch.bookmark : "");
    const ListPosition place = list_position(by_search ? "" : watch.bookmark);
    const SweepWindow window = window_of(position, clock_.now(), settings_.sweep);
    ApiCall call = by_search ? search_call(window, settings_.sweep) : list_call(place, settings_.sweep);
    HttpResponse response = co_await api_.call(std::move(call));
    if (response.status == 400 && !place.cursor.empty()) {
        // A cursor that has run out: from the top again.
        PollResult anew;
        anew.bookmark = "";
        anew.wait = settings_.sweep.interval;
        co_return std::move(anew);
    }
    if (auto result = held(response, watch)) co_return std::move(*result);
    std::optional<Error> trouble;
    try {
        co_return by_search ? read_search_page(response.body, position, window, settings_.sweep)
                            : read_list_page(response.body, place, settings_.sweep);
    } catch (const Error& error) {
        trouble = error;
    }
    co_return unreadable(*trouble, std::move(response.body), watch.memory, settings_.sweep.interval);
}

Task<PollResult> AdobeSignProvider::check_webhooks(Watch watch) {
    if (settings_.webhooks.ids.empty()) co_return co_await check_by_list(std::move(watch));
    co_return co_await check_by_ids(std::move(watch));
}

Task<PollResult> AdobeSignProvider::check_by_ids(Watch watch) {
    bool works = true;
    bool first = true;
    for (const std::string& id : settings_.webhooks.ids) {
        if (!first) co_await api_.one_more();
        first = false;
        ApiCall call = webhook_call(id);
        HttpResponse response = co_await api_.call(std::move(call));
        works = works && response.status != 404;
        if (response.status == 404) continue;
        if (auto result = held(response, watch)) co_return std::move(*result);
        works = parse_webhook(response.body).active && works;
    }
    co_return checked(works, watch);
}

Task<PollResult> AdobeSignProvider::check_by_list(Watch watch) {
    std::string cursor;
    for (int page = 0; page < most_webhook_pages; ++page) {
        if (page > 0) co_await api_.one_more();
        ApiCall call = webhooks_call(cursor);
        HttpResponse response = co_await api_.call(std::move(call));
        if (auto result = held(response, watch)) co_return std::move(*result);
        WebhookPage read = parse_webhooks(response.body);
        if (has_active(read.webhooks)) co_return checked(true, watch);
        if (read.next_cursor.empty() || read.next_cursor == cursor) break;
        cursor = std::move(read.next_cursor);
    }
    co_return checked(false, watch);
}

PollResult AdobeSignProvider::no_news(const Watch& watch) const {
    PollResult result;
    result.wait = wait_for(watch, watch.bookmark.starts_with(drafted));
    return result;
}

PollResult AdobeSignProvider::news(StatusUpdate update,
                                   const Watch& watch,
                                   std::string bookmark,
                                   std::string raw) const {
    PollResult result;
    result.verdict = PollVerdict::updated;
    result.wait = wait_for(watch, bookmark.starts_with(drafted));
    result.bookmark = std::move(bookmark);
    update.raw = std::move(raw);
    result.updates.push_back(std::move(update));
    return result;
}

PollResult AdobeSignProvider::checked(bool works, const Watch& watch) {
    webhooks_work_ = works;
    return health_result(works, watch, settings_);
}

// nullopt for a success; throws for anything but that and a 429.
std::optional<PollResult> AdobeSignProvider::held(const HttpResponse& response, const Watch& watch) {
    if (auto result = throttled(response, clock_.now(), watch.memory)) {
        result->wait = lengthened(result->wait);
        return result;
    }
    if (!is_success(response.status)) throw error_for(response, clock_.now());
    if (!response.complete) throw Error(ErrorKind::transient, "body_cut", "the body was cut");
    return std::nullopt;
}

milliseconds AdobeSignProvider::wait_for(const Watch& watch, bool draft) const {
    return wait_of(watch, clock_.schedule_now(), {settings_.pace, webhooks_work_}, draft);
}

// A little longer than asked for, so that not everybody comes back at the same moment; never shorter.
milliseconds AdobeSignProvider::lengthened(milliseconds wait) {
    std::uniform_int_distribution<std::int64_t> extra(0, wait.count() / 10);
    return wait + milliseconds{extra(random_)};
}

Error AdobeSignProvider::lengthened(Error error) {
    if (error.kind() != ErrorKind::throttled) return error;
    return error.with_retry_after(lengthened(error.retry_after().value_or(milliseconds{0})));
}

}  // namespace signwatch::adobe_sign
