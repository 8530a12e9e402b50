#include "daemon/documents/document_copy.hpp"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"
#include "core/documents/filesystem/file_document_store.hpp"
#include "core/domain/error.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::daemon {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

class DocumentCopyTest : public ::testing::Test {
protected:
    void put(DocumentStore& store, const std::string& content) {
        auto staged = store.stage(content.size());
        staged->write(std::as_bytes(std::span(content)));
        loop_.wait(store.put(std::move(staged)));
    }
    CopyCount copy() { return loop_.wait(copy_documents(loop_.executor(), *from_, *to_, show_)); }
    CopyCount verify() { return loop_.wait(verify_copy(loop_.executor(), *from_, *to_, show_)); }
    std::string verdict() {
        try {
            verify();
        } catch (const Error& error) {
            return error.code();
        }
        return "";
    }

    testing::Loop loop_;
    testing::TempDir source_;
    testing::TempDir target_;
    Ignore progress_;
    runtime::BlockingPool pool_{4};
    std::unique_ptr<DocumentStore> from_ = filesystem::open_document_store(source_.path(), pool_, progress_, 0);
    std::unique_ptr<DocumentStore> to_ = filesystem::open_document_store(target_.path(), pool_, progress_, 0);
    std::size_t shown_ = 0;
    ShowCopy show_ = [this](const CopyCount& count) { shown_ = count.seen; };
};

TEST_F(DocumentCopyTest, every_document_arrives_and_a_second_run_carries_only_what_is_new) {
    for (int i = 0; i < 530; ++i)
        put(*from_, "document " + std::to_string(i));
    CopyCount count = copy();
    EXPECT_EQ(count.seen, 530U);
    EXPECT_EQ(count.copied, 530U);
    EXPECT_EQ(shown_, 530U);
    put(*from_, "one more");
    count = copy();
    EXPECT_EQ(count.seen, 531U);
    EXPECT_EQ(count.copied, 1U);
    EXPECT_EQ(verify().verified, 531U);
}

TEST_F(DocumentCopyTest, verification_finds_what_is_missing_and_what_differs) {
    put(*from_, "contract");
    put(*from_, "annex");
    copy();
    const std::string sha256 = crypto::sha256_hex("contract");
    loop_.wait(to_->remove(sha256));
    EXPECT_EQ(verdict(), "copy_incomplete");
    copy();
    EXPECT_EQ(verdict(), "");
    const auto file = target_.path() / "objects" / sha256.substr(0, 2) / sha256;
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    std::fstream(file, std::ios::in | std::ios::out).put('X');
    EXPECT_EQ(verdict(), "document_corrupt");
}

TEST_F(DocumentCopyTest, a_corrupt_document_is_not_copied) {
    put(*from_, "contract");
    const std::string sha256 = crypto::sha256_hex("contract");
    const auto file = source_.path() / "objects" / sha256.substr(0, 2) / sha256;
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    std::fstream(file, std::ios::in | std::ios::out).put('X');
    EXPECT_THROW(copy(), Error);
    EXPECT_TRUE(loop_.wait(to_->list("", 10)).empty());
}

}  // namespace
}  // namespace signwatch::daemon
