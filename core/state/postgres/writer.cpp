#include "core/state/postgres/writer.hpp"

#include <algorithm>
#include <thread>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "core/state/postgres/arrival.hpp"

namespace signwatch::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int most_attempts = 3;
// A restart of the database takes a second or two; longer trouble is for the callers' own back-off.
constexpr milliseconds patience_for_trouble = seconds{2};
constexpr milliseconds patience_in_doubt = seconds{10};
constexpr milliseconds longest_pause{250};

std::string code_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error.code();
    } catch (...) {
        return {};
    }
}

// Doing the calls of a batch one by one helps only if one of them was the trouble.
bool concerns_one(const std::exception_ptr& failure) {
    const std::string code = code_of(failure);
    return code != "lease_lost" && code != "store_unreachable" && code != "store_in_doubt";
}

std::string random_id() {
    const std::string bytes = crypto::random_bytes(16);
    return crypto::to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

[[noreturn]] void throw_lease_lost() {
    throw Error(ErrorKind::cancelled, "lease_lost", "this replica's lease has ended; others do its work");
}

}  // namespace

Writer::Writer(const Server& server, const Membership& membership, Progress& progress, Around around)
    : database_(server), membership_(membership), progress_(progress), around_(std::move(around)), id_(random_id()) {}

Writer::~Writer() {
    try {
        if (!database_.connected()) return;
        database_.begin();
        database_.execute("DELETE FROM writer WHERE id = $1::uuid", id_);
        database_.commit();
    } catch (const std::exception&) {
        // A row that is left over is pruned by its age.
    }
}

void Writer::serve(Batch& batch) {
    std::vector<Operation*> operations;
    for (const auto& operation : batch)
        operations.push_back(operation.get());
    perform(operations.data(), operations.data() + operations.size());
    state::finish(std::move(batch));
}

void Writer::perform(Operation* const* begin, Operation* const* end) {
    Outcome outcome = Outcome::lost;
    for (int i = 0; i < most_attempts && outcome == Outcome::lost; ++i)
        outcome = attempt(begin, end);
    if (outcome == Outcome::committed) return;
    if (outcome == Outcome::refused && end - begin > 1 && concerns_one(failure_)) {
        for (; begin != end; ++begin)
            perform(begin, begin + 1);
        return;
    }
    for (; begin != end; ++begin)
        (*begin)->fail(failure_);
}

Writer::Outcome Writer::attempt(Operation* const* begin, Operation* const* end) {
    try {
        connect();
        database_.begin();
        prove_lease();
        for (Operation* const* each = begin; each != end; ++each)
            (*each)->run(database_);
        around_.before_commit(database_);
        return commit(begin, end);
    } catch (...) {
        failure_ = std::current_exception();
    }
    undo();
    const std::string code = code_of(failure_);
    if (code == "store_unreachable") return reconnect(patience_for_trouble) ? Outcome::lost : Outcome::refused;
    // A deadlock with another replica: once more, when that has gone on.
    return code == "store_busy" && end - begin == 1 ? Outcome::lost : Outcome::refused;
}

Writer::Outcome Writer::commit(Operation* const* begin, Operation* const* end) {
    const bool is_step =
        std::any_of(begin, end, [](const Operation* each) { return each->access() == Access::update_commit; });
    if (is_step) progress_.reached(Step::commit_begun);
    try {
        database_.commit();
    } catch (const Error& error) {
        if (error.code() != "store_in_doubt") throw;
        const std::exception_ptr doubt = std::current_exception();
        const Outcome outcome = resolve_doubt();
        failure_ = doubt;
        if (outcome != Outcome::committed) {
            undo();
            return outcome;
        }
    }
    if (is_step) progress_.reached(Step::commit_done);
    return Outcome::committed;
}

// The row is locked by the transaction in doubt for as long as that is not decided.
Writer::Outcome Writer::resolve_doubt() {
    const auto end = steady_clock::now() + patience_in_doubt;
    while (steady_clock::now() < end) {
        if (!reconnect(std::chrono::duration_cast<milliseconds>(end - steady_clock::now()))) break;
        try {
            database_.begin();
            Rows rows = database_.query("SELECT batch FROM writer WHERE id = $1::uuid FOR UPDATE", id_);
            const bool committed = rows.next() && rows.integer(0) == batch_;
            database_.commit();
            return committed ? Outcome::committed : Outcome::lost;
        } catch (const Error&) {
            database_.roll_back();
        }
    }
    return Outcome::refused;
}

void Writer::prove_lease() {
    ++batch_;
    database_.set_holder(membership_.token());
    if (!membership_.required()) {
        database_.execute("UPDATE writer SET batch = $2, used_at = now() WHERE id = $1::uuid", id_, batch_);
        require_arrived(database_);
        return;
    }
    if (!database_.holder()) throw_lease_lost();
    const std::int64_t proved = database_.execute(
        "WITH live AS (SELECT token FROM replica WHERE token = $3 AND expires_at > clock_timestamp() FOR KEY SHARE)"
        " UPDATE writer SET batch = $2, used_at = now() WHERE id = $1::uuid AND EXISTS (SELECT 1 FROM live)",
        id_,
        batch_,
        *database_.holder());
    if (proved == 0) throw_lease_lost();
}

void Writer::unfenced(const std::function<void(Database&)>& work) {
    for (int attempts = 1;; ++attempts) {
        try {
            connect();
            database_.begin();
            work(database_);
            database_.commit();
            return;
        } catch (const Error& error) {
            database_.roll_back();
            const bool gone = error.code() == "store_unreachable" || error.code() == "store_in_doubt";
            if (gone) database_.disconnect();
            if (!gone || attempts == 2) throw;
        }
    }
}

void Writer::undo() {
    database_.roll_back();
    database_.accounts().clear();
    around_.on_rollback();
}

// The row has to be there before a transaction can be in doubt.
void Writer::connect() {
    if (database_.connected()) return;
    database_.connect();
    database_.begin();
    database_.execute("INSERT INTO writer VALUES ($1::uuid, $2, now()) ON CONFLICT DO NOTHING", id_, batch_);
    database_.commit();
}

bool Writer::reconnect(milliseconds patience) {
    const auto end = steady_clock::now() + patience;
    milliseconds pause{10};
    for (;;) {
        database_.disconnect();
        try {
            connect();
            return true;
        } catch (const Error& error) {
            failure_ = std::current_exception();
            if (error.kind() != ErrorKind::transient) return false;
        }
        if (steady_clock::now() + pause > end) return false;
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

}  // namespace signwatch::postgres
