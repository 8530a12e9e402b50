#include "core/state/copy/record_copy.hpp"

#include <algorithm>
#include <unistd.h>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "core/state/copy/source_record.hpp"
#include "core/state/copy/target_record.hpp"

namespace signwatch::copy {
namespace {

using postgres::ArrivalState;

std::string host_name() {
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    return host;
}

std::string name_of(const std::filesystem::path& source) {
    std::error_code ignored;
    return host_name() + ":" + std::filesystem::weakly_canonical(source, ignored).string();
}

std::string name_of(const postgres::Server& target) {
    const std::string port = target.host.starts_with('/') ? "" : ":" + std::to_string(target.port);
    return "database " + target.database + " at " + target.host + port;
}

std::string random_id() {
    const std::string bytes = crypto::random_bytes(16);
    return crypto::to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

bool is_of(const std::optional<postgres::Arrival>& arrival, const sqlite::Departure& departure) {
    return arrival && arrival->move == departure.move;
}

[[noreturn]] void throw_elsewhere(const sqlite::Departure& departure) {
    if (departure.moved)
        throw Error(ErrorKind::permanent, "store_moved", "this record has moved to " + departure.target);
    throw Error(ErrorKind::permanent,
                "store_moving",
                "this record is on its way to " + departure.target + ": go on there, or abandon that first");
}

[[noreturn]] void throw_differs(const Table& table, const std::string& what) {
    throw Error(ErrorKind::integrity,
                "copy_differs",
                "the copy differs in table " + std::string(table.name) + ": " + what +
                    ". Nothing works on either record. `signwatch store copy` with --abandon takes the source back and"
                    " empties the copy; then try again");
}

void require_same(const Table& table, const Page& source, const Page& target) {
    const std::size_t both = std::min(source.size(), target.size());
    for (std::size_t i = 0; i < both; ++i) {
        if (source[i] != target[i])
            throw_differs(table, "row " + encode(key_of(table, source[i])) + " is missing, another or not the next");
    }
    if (target.size() < source.size())
        throw_differs(table, "row " + encode(key_of(table, source[both])) + " is missing");
}

void hash(crypto::Sha256& digest, const Page& page) {
    std::string text;
    for (const Row& row : page) {
        for (const Cell& cell : row)
            text += cell ? std::to_string(cell->size()) + ":" + *cell : "-";
    }
    digest.update(text);
}

class RecordCopy {
public:
    RecordCopy(const std::filesystem::path& source, const postgres::Server& target, runtime::SystemClock& clock)
        : source_name_(name_of(source)),
          target_name_(name_of(target)),
          clock_(clock),
          source_(source),
          target_(target) {
        clock_.adopt(source_.schedule_anchor());
    }

    struct Standing {
        bool begun = false;     // the target is being filled by our move
        bool released = false;  // our move has ended
    };

    Standing standing();
    MoveReport run(const ShowMove& show);

private:
    void leave(const ShowMove& show);
    void begin(const ShowMove& show);
    void copy_rows(const ShowMove& show);
    std::vector<MovedTable> compare(const ShowMove& show);
    MovedTable compare(const Table& table, MoveProgress& progress, const ShowMove& show);

    std::string source_name_;
    std::string target_name_;
    runtime::SystemClock& clock_;
    SourceRecord source_;
    TargetRecord target_;
    std::uint64_t whole_ = 0;
};

RecordCopy::Standing RecordCopy::standing() {
    const std::optional<sqlite::Departure> departure = source_.departure();
    const std::optional<postgres::Arrival> arrival = target_.arrival();
    Standing standing;
    if (departure) {
        if (departure->target != target_name_) throw_elsewhere(*departure);
        const bool ours = is_of(arrival, *departure);
        if (departure->moved && !ours) throw_elsewhere(*departure);
        standing.begun = ours && arrival->state == ArrivalState::filling;
        standing.released = ours && departure->moved && arrival->state == ArrivalState::released;
    }
    if (!standing.begun && !standing.released) target_.require_empty();
    return standing;
}

MoveReport RecordCopy::run(const ShowMove& show) {
    const Standing standing = this->standing();
    MoveReport report;
    report.already = standing.released;
    if (report.already) return report;
    report.resumed = source_.departure().has_value();
    if (!report.resumed)
        leave(show);
    else if (!standing.begun)
        begin(show);
    for (const Table& table : tables())
        whole_ += source_.count(table);
    copy_rows(show);
    report.tables = compare(show);
    source_.mark_moved();
    show({MoveStep::moved, whole_, whole_});
    target_.release([this] { return clock_.schedule_now(); });
    show({MoveStep::released, whole_, whole_});
    return report;
}

void RecordCopy::leave(const ShowMove& show) {
    source_.leave({random_id(), target_name_}, clock_.now());
    show({MoveStep::leaving, 0, 0});
    try {
        begin(show);
    } catch (const Error& error) {
        if (error.code() == "store_not_empty") source_.stay();  // somebody was faster than we
        throw;
    }
}

void RecordCopy::begin(const ShowMove& show) {
    target_.begin(source_.departure().value().move, source_name_);
    show({MoveStep::filling, 0, 0});
}

void RecordCopy::copy_rows(const ShowMove& show) {
    MoveProgress progress{MoveStep::copied, 0, whole_};
    for (const Table& table : tables()) {
        Place place = target_.place_of(table);
        progress.rows += place.rows;
        for (Page page = source_.page(table, place.last); !page.empty(); page = source_.page(table, place.last)) {
            target_.write(table, page, place);
            progress.rows += page.size();
            show(progress);
        }
    }
}

std::vector<MovedTable> RecordCopy::compare(const ShowMove& show) {
    MoveProgress progress{MoveStep::compared, 0, whole_};
    std::vector<MovedTable> compared;
    for (const Table& table : tables())
        compared.push_back(compare(table, progress, show));
    return compared;
}

MovedTable RecordCopy::compare(const Table& table, MoveProgress& progress, const ShowMove& show) {
    MovedTable compared;
    compared.name = table.name;
    crypto::Sha256 digest;
    std::optional<Key> after;
    for (Page page = source_.page(table, after); !page.empty(); page = source_.page(table, after)) {
        require_same(table, page, target_.page(table, after, page.size()));
        hash(digest, page);
        after = key_of(table, page.back());
        compared.rows += page.size();
        progress.rows += page.size();
        show(progress);
    }
    const Page excess = target_.page(table, after, 1);
    if (!excess.empty()) throw_differs(table, "row " + encode(key_of(table, excess[0])) + " is not in the source");
    compared.sha256 = digest.hex();
    return compared;
}

}  // namespace

void check_move(const std::filesystem::path& source, const postgres::Server& target, runtime::SystemClock& clock) {
    RecordCopy(source, target, clock).standing();
}

MoveReport move_record(const std::filesystem::path& source,
                       const postgres::Server& target,
                       runtime::SystemClock& clock,
                       const ShowMove& show) {
    return RecordCopy(source, target, clock).run(show);
}

AbandonReport abandon_move(const std::filesystem::path& source, const postgres::Server& target) {
    SourceRecord record(source);
    const std::optional<sqlite::Departure> departure = record.departure();
    if (departure && departure->target != name_of(target)) throw_elsewhere(*departure);
    AbandonReport report;
    std::optional<TargetRecord> copy;
    std::optional<postgres::Arrival> arrival;
    try {
        copy.emplace(target);
        arrival = copy->arrival();
    } catch (const Error& error) {
        if (!departure || departure->moved) throw;
        report.trouble = error.what();
        copy.reset();
    }
    const bool left_behind = !departure && arrival && arrival->source == name_of(source);
    if (!departure && !(left_behind && arrival->state == ArrivalState::filling))
        throw Error(ErrorKind::permanent, "nothing_to_abandon", "this record is not on its way anywhere");
    const bool ours = left_behind || (departure && is_of(arrival, *departure));
    if (departure && departure->moved && (!ours || arrival->state == ArrivalState::released))
        throw Error(ErrorKind::permanent, "store_moved", "this record has moved to " + departure->target + " for good");
    if (ours && arrival->state == ArrivalState::filling) copy->abandon();
    report.emptied = ours;
    if (departure) record.stay();
    return report;
}

}  // namespace signwatch::copy
