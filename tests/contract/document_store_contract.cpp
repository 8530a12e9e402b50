#include "tests/contract/document_store_contract.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <unistd.h>

#include "core/crypto/digest.hpp"

namespace signwatch::testing {

std::unique_ptr<StagedDocument> DocumentStoreContract::stage(std::string_view content) {
    auto staged = store().stage(content.size());
    for (std::size_t offset = 0; offset < content.size(); offset += 10'000) {
        staged->write(std::as_bytes(std::span(content.substr(offset, 10'000))));
    }
    return staged;
}

std::string DocumentStoreContract::get(const std::string& sha256) {
    StringSink sink;
    wait(store().get(sha256, sink));
    return sink.content;
}

void StringSink::write(std::span<const std::byte> bytes) {
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

namespace {

using crypto::sha256_hex;

// Below, at and above every size at which an implementation may change its ways.
const std::vector<std::size_t> sizes{0, 1, 4095, 4096, 4097, 10'000, 200'000, 1'048'576, 1'048'577, 3'000'001};

std::string content_of(std::size_t size) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        content[i] = static_cast<char>((i * 31 + i / 251 + size) % 256);
    return content;
}

// What the verifier can read: the document; zeros may follow it, but nothing else.
std::string read_descriptor(StagedDocument& staged) {
    const int descriptor = staged.descriptor();
    std::string content(4'000'000, '\0');
    std::size_t size = 0;
    ssize_t count = 1;
    while (count > 0) {
        count = ::pread(descriptor, content.data() + size, content.size() - size, static_cast<off_t>(size));
        if (count > 0) size += static_cast<std::size_t>(count);
    }
    const std::size_t end = staged.digest().size;
    EXPECT_GE(size, end);
    EXPECT_EQ(content.find_first_not_of('\0', end), std::string::npos);
    content.resize(end);
    return content;
}

TEST_P(DocumentStoreContract, a_document_of_any_size_comes_back_as_it_was_put) {
    for (const std::size_t size : sizes) {
        const std::string content = content_of(size);
        const PutResult result = put(content);
        EXPECT_FALSE(result.existed) << size;
        EXPECT_FALSE(result.uri.empty());
        EXPECT_EQ(wait(store().stat(sha256_hex(content))), size);
        EXPECT_EQ(get(sha256_hex(content)) == content, true) << size;
    }
    subject().reopen();
    for (const std::size_t size : sizes)
        EXPECT_EQ(get(sha256_hex(content_of(size))) == content_of(size), true) << size;
}

TEST_P(DocumentStoreContract, a_staged_document_shows_the_verifier_exactly_its_bytes) {
    for (const std::size_t size : sizes) {
        const std::string content = content_of(size);
        const auto staged = stage(content);
        EXPECT_EQ(read_descriptor(*staged) == content, true) << size;
        EXPECT_EQ(staged->digest(), (DocumentDigest{sha256_hex(content), size}));
    }
}

TEST_P(DocumentStoreContract, a_staged_document_can_grow_after_it_was_looked_at) {
    auto staged = store().stage(100'000);
    std::string content;
    for (const std::size_t size : {5'000U, 20'000U, 7U}) {
        const std::string more = content_of(size);
        staged->write(std::as_bytes(std::span(more)));
        content += more;
        EXPECT_EQ(read_descriptor(*staged), content);
        EXPECT_EQ(staged->digest().sha256, sha256_hex(content));
    }
    wait(store().put(std::move(staged)));
    EXPECT_EQ(get(sha256_hex(content)), content);
}

TEST_P(DocumentStoreContract, a_reused_buffer_shows_nothing_of_an_earlier_document) {
    put(content_of(200'000));
    put(content_of(10'000));
    EXPECT_EQ(get(sha256_hex(content_of(10'000))), content_of(10'000));
    EXPECT_EQ(read_descriptor(*stage(content_of(50))), content_of(50));
}

TEST_P(DocumentStoreContract, the_cap_is_exact) {
    auto staged = store().stage(10);
    staged->write(std::as_bytes(std::span(std::string_view("0123456789"))));
    const auto one_more = [&] { staged->write(std::as_bytes(std::span(std::string_view("x")))); };
    EXPECT_EQ(code_of(one_more), "document_too_large");
    EXPECT_EQ(staged->digest().size, 10U);
}

TEST_P(DocumentStoreContract, a_document_that_is_not_put_is_not_there) {
    static_cast<void>(stage("never mind"));
    EXPECT_EQ(wait(store().stat(sha256_hex("never mind"))), std::nullopt);
}

TEST_P(DocumentStoreContract, the_same_bytes_again_are_the_same_document) {
    const PutResult first = put("contract");
    const PutResult second = put("contract");
    EXPECT_TRUE(second.existed);
    EXPECT_EQ(second.uri, first.uri);
    EXPECT_EQ(get(sha256_hex("contract")), "contract");
}

TEST_P(DocumentStoreContract, the_same_bytes_put_at_the_same_time_are_one_document) {
    std::vector<Task<PutResult>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(store().put(stage("contract")));
    for (const PutResult& result : loop_.wait_all(std::move(tasks)))
        EXPECT_FALSE(result.uri.empty());
    EXPECT_EQ(get(sha256_hex("contract")), "contract");
}

TEST_P(DocumentStoreContract, many_documents_can_be_put_at_the_same_time) {
    std::vector<Task<PutResult>> tasks;
    for (int i = 0; i < 200; ++i)
        tasks.push_back(store().put(stage("document " + std::to_string(i))));
    loop_.wait_all(std::move(tasks));
    for (int i = 0; i < 200; ++i) {
        const std::string content = "document " + std::to_string(i);
        EXPECT_EQ(get(sha256_hex(content)), content);
    }
}

TEST_P(DocumentStoreContract, a_corrupt_document_is_never_given_for_good) {
    put("contract");
    subject().corrupt(sha256_hex("contract"));
    EXPECT_EQ(code_of([&] { get(sha256_hex("contract")); }), "document_corrupt");
}

TEST_P(DocumentStoreContract, putting_a_document_again_mends_a_corrupt_one) {
    put("contract");
    subject().corrupt(sha256_hex("contract"));
    EXPECT_FALSE(put("contract").existed);
    EXPECT_EQ(get(sha256_hex("contract")), "contract");
}

TEST_P(DocumentStoreContract, a_missing_document_is_told_apart) {
    const std::string missing = sha256_hex("never stored");
    EXPECT_EQ(wait(store().stat(missing)), std::nullopt);
    EXPECT_EQ(code_of([&] { get(missing); }), "document_missing");
    EXPECT_FALSE(wait(store().remove(missing)));
}

TEST_P(DocumentStoreContract, removing_a_document_removes_it_for_good) {
    put("contract");
    EXPECT_TRUE(wait(store().remove(sha256_hex("contract"))));
    EXPECT_FALSE(wait(store().remove(sha256_hex("contract"))));
    subject().reopen();
    EXPECT_EQ(wait(store().stat(sha256_hex("contract"))), std::nullopt);
    EXPECT_FALSE(put("contract").existed);
}

TEST_P(DocumentStoreContract, a_document_that_was_put_since_is_not_unused) {
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    put("contract");
    EXPECT_FALSE(wait(store().remove_unused(sha256_hex("contract"), now - 2 * put_at_slack)));
    EXPECT_EQ(get(sha256_hex("contract")), "contract");
    EXPECT_TRUE(wait(store().remove_unused(sha256_hex("contract"), now + put_at_slack)));
    EXPECT_FALSE(wait(store().remove_unused(sha256_hex("contract"), now + put_at_slack)));
    EXPECT_EQ(wait(store().stat(sha256_hex("contract"))), std::nullopt);
}

TEST_P(DocumentStoreContract, a_listing_shows_every_document_once_by_rising_hash_in_pages) {
    const auto begun = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    EXPECT_TRUE(wait(store().list("", 10)).empty());
    std::map<std::string, std::uint64_t> expected;
    for (int i = 0; i < 300; ++i) {
        const std::string content = "document " + std::to_string(i);
        put(content);
        expected[sha256_hex(content)] = content.size();
    }
    for (const std::size_t limit : {1UL, 7UL, 300UL, 1000UL}) {
        std::vector<std::string> hashes;
        for (auto page = wait(store().list("", limit)); !page.empty();
             page = wait(store().list(hashes.back(), limit))) {
            EXPECT_LE(page.size(), limit);
            for (const ListedDocument& each : page) {
                EXPECT_EQ(each.size, expected.at(each.sha256));
                EXPECT_GE(each.put_at, begun - std::chrono::seconds{2});
                EXPECT_LE(each.put_at, begun + std::chrono::minutes{5});
                hashes.push_back(each.sha256);
            }
        }
        EXPECT_EQ(hashes.size(), expected.size());
        EXPECT_TRUE(std::ranges::is_sorted(hashes));
    }
}

TEST_P(DocumentStoreContract, a_listing_shows_neither_what_is_removed_nor_what_is_only_staged) {
    put("contract");
    put("annex");
    const auto staged = stage("not yet");
    wait(store().remove(sha256_hex("contract")));
    const auto listed = wait(store().list("", 10));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].sha256, sha256_hex("annex"));
    EXPECT_TRUE(wait(store().list(std::string(64, 'f'), 10)).empty());
}

TEST_P(DocumentStoreContract, nothing_but_a_hash_is_an_id) {
    std::string upper = sha256_hex("contract");
    upper[0] = 'A';
    put("contract");
    const std::vector<std::string> ids{"",
                                       "..",
                                       "../../etc/passwd",
                                       "/etc/passwd",
                                       std::string(64, '.'),
                                       upper,
                                       sha256_hex("contract") + "0",
                                       sha256_hex("contract").substr(1),
                                       std::string(4096, 'a'),
                                       std::string("a\0b", 3),
                                       "CON",
                                       "\xc3\xa5"};
    for (const std::string& id : ids) {
        EXPECT_EQ(wait(store().stat(id)), std::nullopt) << id;
        EXPECT_EQ(code_of([&] { get(id); }), "document_missing") << id;
        EXPECT_FALSE(wait(store().remove(id))) << id;
        EXPECT_FALSE(wait(store().remove_unused(id, WallTime::max()))) << id;
    }
}

TEST_P(DocumentStoreContract, a_probe_succeeds_while_documents_can_be_stored) {
    EXPECT_EQ(code_of([&] { wait(store().probe()); }), "");
}

}  // namespace
}  // namespace signwatch::testing
