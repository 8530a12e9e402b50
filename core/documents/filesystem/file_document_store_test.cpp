#include "core/documents/filesystem/file_document_store.hpp"

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sched.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"
#include "core/documents/staging/memory_file.hpp"
#include "core/domain/error.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::filesystem {
namespace {

namespace fs = std::filesystem;

class RecordingProgress : public Progress {
public:
    void reached(Step step) noexcept override {
        const std::lock_guard lock(mutex_);
        steps.push_back(step);
        if (on_step) on_step(step);
    }
    std::vector<Step> steps;
    std::function<void(Step)> on_step;

private:
    std::mutex mutex_;
};

// One for all tests: a thread that has answered on it may still be letting go of it when the answer is there.
template <typename T>
T wait(Task<T> task) {
    static signwatch::testing::Loop loop;
    return loop.wait(std::move(task));
}

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(name_of(error.kind())) + " " + error.code();
    }
    return "no error";
}

void write(DocumentSink& sink, std::string_view content) {
    sink.write(std::as_bytes(std::span(content)));
}

PutResult put(DocumentStore& store, std::string_view content) {
    auto staged = store.stage(content.size());
    write(*staged, content);
    return wait(store.put(std::move(staged)));
}

std::size_t count_files(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

std::string read_file(const fs::path& file) {
    std::ostringstream content;
    content << std::ifstream(file, std::ios::binary).rdbuf();
    return content.str();
}

struct FileDocumentStoreTest : ::testing::Test {
    std::unique_ptr<DocumentStore> open(std::uint64_t reserve = 0) {
        return open_document_store(root, pool, progress, reserve);
    }
    fs::path object(std::string_view content) const {
        const std::string sha256 = crypto::sha256_hex(content);
        return root / "objects" / sha256.substr(0, 2) / sha256;
    }

    testing::TempDir directory;
    fs::path root = directory.path() / "documents";
    RecordingProgress progress;
    runtime::BlockingPool pool{4};
};

TEST_F(FileDocumentStoreTest, a_document_is_a_read_only_file_named_by_its_hash) {
    const auto store = open();
    const PutResult result = put(*store, "contract");
    EXPECT_EQ(result.uri, "file://" + object("contract").string());
    struct stat status {};
    ASSERT_EQ(::stat(object("contract").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0400U);
    EXPECT_EQ(read_file(object("contract")), "contract");
    for (const char* name : {"", "objects", "incoming", "objects/00", "objects/ff"}) {
        ASSERT_EQ(::stat((root / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 07777U, 0700U) << name;
    }
}

TEST_F(FileDocumentStoreTest, a_uri_is_encoded) {
    root = directory.path() / "our documents#1";
    EXPECT_NE(put(*open(), "contract").uri.find("/our%20documents%231/objects/"), std::string::npos);
}

TEST_F(FileDocumentStoreTest, a_document_is_synced_before_it_is_renamed) {
    const auto store = open();
    std::vector<bool> in_place;
    progress.on_step = [&](Step) { in_place.push_back(fs::exists(object("contract"))); };
    put(*store, "contract");
    EXPECT_EQ(progress.steps, (std::vector<Step>{Step::document_synced, Step::document_renamed}));
    EXPECT_EQ(in_place, (std::vector<bool>{false, true}));
    put(*store, "contract");
    EXPECT_EQ(progress.steps.size(), 2U);
}

TEST_F(FileDocumentStoreTest, nothing_is_left_in_incoming) {
    const auto store = open();
    const std::string large(2'000'000, 'x');
    put(*store, "small");
    put(*store, large);
    {
        auto dropped = store->stage(large.size());
        write(*dropped, large);
        EXPECT_EQ(count_files(root / "incoming"), 1U);
    }
    EXPECT_EQ(count_files(root / "incoming"), 0U);
}

TEST_F(FileDocumentStoreTest, what_a_crashed_run_left_is_removed_but_not_what_another_process_writes) {
    open();
    std::ofstream(root / "incoming" / "1-1") << "left over";
    const auto store = open();
    EXPECT_EQ(count_files(root / "incoming"), 0U);
    auto staged = store->stage(2'000'000);
    write(*staged, std::string(2'000'000, 'x'));
    open();
    EXPECT_EQ(count_files(root / "incoming"), 1U);
    EXPECT_FALSE(wait(store->put(std::move(staged))).existed);
}

TEST_F(FileDocumentStoreTest, a_symbolic_link_in_the_place_of_a_document_is_not_followed) {
    const auto store = open();
    const fs::path target = directory.write("secret", "contract");
    fs::create_symlink(target, object("contract"));
    const std::string sha256 = crypto::sha256_hex("contract");
    EXPECT_EQ(wait(store->stat(sha256)), std::nullopt);
    EXPECT_FALSE(put(*store, "contract").existed);
    EXPECT_FALSE(fs::is_symlink(object("contract")));
    EXPECT_EQ(read_file(target), "contract");
}

TEST_F(FileDocumentStoreTest, a_symbolic_link_in_the_place_of_a_directory_is_refused) {
    const auto store = open();
    const fs::path shard = object("contract").parent_path();
    const fs::path elsewhere = directory.path() / "elsewhere";
    fs::create_directory(elsewhere);
    fs::remove(shard);
    fs::create_directory_symlink(elsewhere, shard);
    EXPECT_EQ(code_of([&] { put(*store, "contract"); }), "transient document_read");
    EXPECT_EQ(count_files(elsewhere), 0U);
    EXPECT_EQ(code_of([&] { open(); }), "transient document_store_open");
}

TEST_F(FileDocumentStoreTest, something_else_in_the_place_of_a_document_is_no_document) {
    const auto store = open();
    ASSERT_EQ(::mkfifo(object("contract").c_str(), 0600), 0);
    EXPECT_EQ(wait(store->stat(crypto::sha256_hex("contract"))), std::nullopt);
    EXPECT_FALSE(put(*store, "contract").existed);
    EXPECT_EQ(read_file(object("contract")), "contract");
}

TEST_F(FileDocumentStoreTest, a_truncated_document_is_written_again) {
    const auto store = open();
    put(*store, "contract");
    fs::permissions(object("contract"), fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(object("contract"), 3);
    EXPECT_FALSE(put(*store, "contract").existed);
    EXPECT_EQ(read_file(object("contract")), "contract");
}

TEST_F(FileDocumentStoreTest, putting_an_old_document_again_keeps_it_from_being_unused) {
    const auto store = open();
    const std::string sha256 = crypto::sha256_hex("contract");
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    put(*store, "contract");
    fs::last_write_time(object("contract"), fs::file_time_type::clock::now() - std::chrono::hours{100});
    EXPECT_LT(wait(store->list("", 10)).at(0).put_at, now - std::chrono::hours{99});
    EXPECT_TRUE(put(*store, "contract").existed);
    EXPECT_FALSE(wait(store->remove_unused(sha256, now - std::chrono::hours{99})));
    fs::last_write_time(object("contract"), fs::file_time_type::clock::now() - std::chrono::hours{100});
    EXPECT_TRUE(wait(store->remove_unused(sha256, now - std::chrono::hours{99})));
}

TEST_F(FileDocumentStoreTest, a_listing_passes_over_what_is_no_document) {
    const auto store = open();
    put(*store, "contract");
    const fs::path shard = object("contract").parent_path();
    const std::string prefix = shard.filename().string();
    directory.write("secret", "x");
    fs::create_symlink(directory.path() / "secret", shard / (prefix + std::string(62, '0')));
    fs::create_directory(shard / (prefix + std::string(62, '1')));
    std::ofstream(shard / "notes.txt") << "x";
    std::ofstream(root / "objects" / (prefix == "00" ? "01" : "00") / (prefix + std::string(62, '2'))) << "x";
    for (const std::size_t limit : {1U, 10U}) {
        const auto listed = wait(store->list("", limit));
        ASSERT_EQ(listed.size(), 1U);
        EXPECT_EQ(listed[0].sha256, crypto::sha256_hex("contract"));
    }
    EXPECT_TRUE(wait(store->list(crypto::sha256_hex("contract"), 10)).empty());
}

TEST_F(FileDocumentStoreTest, a_document_of_another_store_is_refused) {
    class Foreign : public StagedDocument {
        void write(std::span<const std::byte>) override {}
        DocumentDigest digest() override { return {}; }
        int descriptor() override { return -1; }
    };
    const auto store = open();
    EXPECT_EQ(code_of([&] { wait(store->put(std::make_unique<Foreign>())); }), "permanent document_foreign");
}

TEST_F(FileDocumentStoreTest, nothing_is_staged_while_less_than_the_reserve_is_free) {
    const auto store = open(std::uint64_t{1} << 60U);
    EXPECT_EQ(code_of([&] { store->stage(10); }), "transient disk_full");
    EXPECT_EQ(code_of([&] { wait(store->probe()); }), "transient disk_full");
}

TEST_F(FileDocumentStoreTest, more_documents_than_memory_files_can_be_under_way) {
    const auto store = open();
    std::vector<std::unique_ptr<StagedDocument>> staged;
    for (int i = 0; i < 100; ++i) {
        staged.push_back(store->stage(100));
        write(*staged.back(), "document " + std::to_string(i));
    }
    for (auto& each : staged)
        wait(store->put(std::move(each)));
    for (int i = 0; i < 100; ++i) {
        const std::string content = "document " + std::to_string(i);
        EXPECT_EQ(read_file(object(content)), content);
    }
}

// A verifier that a document has taken over must not be able to change what was hashed.
TEST_F(FileDocumentStoreTest, nobody_who_gets_the_descriptor_can_write) {
    const auto store = open();
    for (const std::size_t size : {100U, 2'000'000U}) {
        const auto staged = store->stage(size);
        write(*staged, std::string(size, 'x'));
        const int file = staged->descriptor();
        EXPECT_LT(::pwrite(file, "y", 1, 0), 0) << size;
        EXPECT_NE(::ftruncate(file, 1), 0) << size;
        EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), MAP_FAILED) << size;
    }
}

TEST(MemoryFilesTest, a_file_that_comes_back_is_lent_again) {
    staging::MemoryFiles files;
    const staging::MemoryFile* first = nullptr;
    {
        const staging::MemoryFiles::Loan loan = files.lend();
        first = loan.get();
    }
    const staging::MemoryFiles::Loan again = files.lend();
    EXPECT_EQ(again.get(), first);
}

constexpr const char* small_disk = "SIGNWATCH_TEST_SMALL_DISK";
constexpr int cannot_mount = 77;

bool make_small(const char* directory) {
    return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", directory, "tmpfs", 0, "size=8m") == 0;
}

// Runs `work` in a directory that is a small file system of its own: in this program anew, with this test alone, so
// that nothing of the tests before it (threads, what a sanitizer has seen) is there.
void on_small_file_system(const std::function<void(const fs::path&)>& work) {
    if (const char* const directory = std::getenv(small_disk)) {
        if (!make_small(directory)) ::_exit(cannot_mount);
        work(directory);
        return;
    }
    const testing::TempDir directory;
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    ::setenv(small_disk, directory.path().c_str(), 1);
    const signwatch::testing::RunResult result =
        signwatch::testing::run({"/proc/self/exe", "--gtest_filter=" + name}, std::chrono::minutes{2});
    ::unsetenv(small_disk);
    if (result.exit_code == cannot_mount)
        GTEST_SKIP() << "no permission to mount a small file system here: the disk is not filled";
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    EXPECT_NE(result.output.find("[  PASSED  ] 1 test."), std::string::npos) << result.output;
}

TEST(SmallDiskTest, a_full_disk_refuses_documents_and_recovers) {
    on_small_file_system([](const fs::path& directory) {
        RecordingProgress progress;
        runtime::BlockingPool pool{2};
        const auto store = open_document_store(directory, pool, progress, 0);
        const std::string first(500'000, 'a');
        const std::string last(600'000, 'b');
        EXPECT_FALSE(put(*store, first).existed);
        std::ofstream filler(directory / "filler", std::ios::binary);
        filler << std::string(16'000'000, 'z') << std::flush;
        EXPECT_EQ(code_of([&] { put(*store, last); }), "transient disk_full");
        EXPECT_EQ(wait(store->stat(crypto::sha256_hex(last))), std::nullopt);
        EXPECT_EQ(count_files(directory / "incoming"), 0U);
        EXPECT_EQ(code_of([&] { wait(store->probe()); }), "transient disk_full");
        auto large = store->stage(3'000'000);
        EXPECT_EQ(code_of([&] { write(*large, std::string(3'000'000, 'c')); }), "transient disk_full");
        large.reset();
        filler.close();
        fs::remove(directory / "filler");
        EXPECT_FALSE(put(*store, last).existed);
        EXPECT_EQ(code_of([&] { wait(store->probe()); }), "no error");
    });
}

TEST(SmallDiskTest, a_read_only_disk_refuses_documents_and_still_gives_them) {
    on_small_file_system([](const fs::path& directory) {
        RecordingProgress progress;
        runtime::BlockingPool pool{2};
        const auto store = open_document_store(directory, pool, progress, 0);
        put(*store, "contract");
        EXPECT_EQ(::mount("none", directory.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
        EXPECT_EQ(code_of([&] { put(*store, "another"); }), "transient document_write");
        EXPECT_EQ(code_of([&] { wait(store->probe()); }), "transient document_write");
        EXPECT_EQ(wait(store->stat(crypto::sha256_hex("contract"))), 8U);
    });
}

}  // namespace
}  // namespace signwatch::filesystem
