#include <algorithm>
#include <utility>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"
#include "core/reconcile/checks.hpp"

namespace signwatch::reconcile {
namespace {

constexpr std::size_t page_size = 500;

class Nowhere final : public DocumentSink {
public:
    void write(std::span<const std::byte> /*bytes*/) override {}
};

using Claims = std::vector<DocumentClaim>;

std::string describe(const DocumentClaim& claim) {
    if (claim.update == 0) return "of a process that has left the record, sha256 " + claim.digest.sha256;
    std::string text(signwatch::name_of(claim.kind));
    if (claim.participant != 0) text += " of participant " + std::to_string(claim.participant);
    if (claim.part != 0) text += ", part " + std::to_string(claim.part);
    return text + ", sha256 " + claim.digest.sha256;
}

/// Goes through both lists by rising hash. Rows are read before the documents that they name are listed, and a document
/// is durable before it gets a row: what a row names and the listing lacks is missing, however busy the daemon is.
class DocumentCheck {
public:
    explicit DocumentCheck(Run& run) : run_(run) {}

    Task<void> go() {
        Claims claims;
        for (bool last = false; !last && !run_.stopped();) {
            claims = co_await next_claims();
            last = claims.size() < page_size;
            co_await compare(claims, last);
        }
    }

private:
    Task<Claims> next_claims() {
        StateView& view = run_.parts.view;
        auto look = [&view, sha256 = behind_.digest.sha256, row = behind_.row] {
            return view.document_claims(sha256, row, page_size);
        };
        Claims claims = co_await runtime::offload(run_.parts.view_pool, look);
        run_.report.documents += claims.size();
        if (!claims.empty()) behind_ = claims.back();
        co_return claims;
    }

    // `last`: no rows follow, so the listing is read to its end.
    Task<void> compare(const Claims& claims, bool last) {
        auto claim = claims.begin();
        // Rows of a document that was looked at with the page before.
        for (; claim != claims.end() && claim->digest.sha256 == listed_; ++claim)
            co_await judge(*claim, verdict_);
        bool more = true;
        while (more && !run_.stopped()) {
            std::vector<ListedDocument> listed = co_await run_.parts.documents.list(listed_, page_size);
            more = !listed.empty();
            for (const ListedDocument& object : listed) {
                if (!last && object.sha256 > claims.back().digest.sha256) {
                    more = false;
                    break;
                }
                for (; claim != claims.end() && claim->digest.sha256 < object.sha256; ++claim)
                    co_await judge(*claim, Kind::document_missing);
                listed_ = object.sha256;
                ++run_.report.objects;
                const auto first = claim;
                while (claim != claims.end() && claim->digest.sha256 == object.sha256)
                    ++claim;
                Claims named(first, claim);
                co_await look_at(object, std::move(named));
            }
        }
        for (; claim != claims.end() && !run_.stopped(); ++claim)
            co_await judge(*claim, Kind::document_missing);
    }

    Task<void> look_at(const ListedDocument& object, Claims claims) {
        verdict_.reset();
        if (claims.empty()) {
            co_await look_at_orphan(object);
            co_return;
        }
        if (object.size != claims.front().digest.size)
            verdict_ = Kind::document_corrupt;
        else if (run_.order.read_documents)
            verdict_ = co_await read(object);
        for (const DocumentClaim& claim : claims)
            co_await judge(claim, verdict_);
    }

    Task<std::optional<Kind>> read(const ListedDocument& object) {
        Nowhere nowhere;
        std::optional<Kind> verdict;
        const WallTime begun = run_.parts.clock.schedule_now();
        try {
            co_await run_.parts.documents.get(object.sha256, nowhere);
        } catch (const Error& error) {
            if (error.code() == "document_corrupt")
                verdict = Kind::document_corrupt;
            else if (error.code() == "document_missing")
                verdict = Kind::document_missing;
            else
                throw;
        }
        run_.report.bytes += object.size;
        if (run_.order.bytes_per_second > 0) {
            const std::uint64_t ms = object.size * 1000 / run_.order.bytes_per_second;
            const WallTime paid = begun + milliseconds{static_cast<std::int64_t>(ms)};
            co_await run_.rest_until(paid);
        }
        co_return verdict;
    }

    Task<void> judge(const DocumentClaim& claim, std::optional<Kind> verdict) {
        if (!verdict) co_return;
        Divergence divergence{*verdict, claim.account, claim.process_id, describe(claim), Remedy::none};
        if (run_.repairs()) {
            FetchAgain lost{claim.account, claim.update, claim.stage, claim.acknowledgement};
            divergence.remedy = co_await fetch_again(run_, std::move(lost), divergence.detail);
        }
        run_.report.add(std::move(divergence));
    }

    // Between listing it and now it may have got its row.
    Task<void> look_at_orphan(const ListedDocument& object) {
        const WallTime unused_since = run_.parts.clock.now() - run_.order.orphan_grace;
        if (object.put_at >= unused_since) co_return;
        StateView& view = run_.parts.view;
        auto look = [&view, sha256 = object.sha256] { return view.claims_document(sha256); };
        const bool claimed = co_await runtime::offload(run_.parts.view_pool, look);
        if (claimed) co_return;
        Divergence divergence;
        divergence.kind = Kind::document_orphaned;
        divergence.detail = "sha256 " + object.sha256 + ", put " + to_rfc3339(object.put_at);
        if (run_.repairs() && run_.order.remove_orphans) {
            co_await run_.parts.documents.remove_unused(object.sha256, unused_since);
            divergence.remedy = Remedy::done;
        } else if (run_.repairs()) {
            divergence.remedy = Remedy::impossible;
            divergence.detail += "; it stays, because another daemon may be just about to name it";
        }
        run_.report.add(std::move(divergence));
    }

    Run& run_;
    DocumentClaim behind_;         ///< the last row that was read
    std::string listed_;           ///< the last stored document that was looked at
    std::optional<Kind> verdict_;  ///< on that one
};

}  // namespace

Task<void> check_documents(Run& run) {
    DocumentCheck check(run);
    co_await check.go();
}

}  // namespace signwatch::reconcile
