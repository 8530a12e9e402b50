#include <fstream>
#include <sys/stat.h>

#include "core/documents/filesystem/file_document_store.hpp"
#include "tests/contract/document_store_contract.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::testing {
namespace {

class Ignore : public Progress {
public:
    void reached(Step /*step*/) noexcept override {}
};

class FilesystemUnderTest : public DocumentStoreUnderTest {
public:
    DocumentStore& store() override { return *store_; }
    void reopen() override {
        store_.reset();
        store_ = filesystem::open_document_store(directory_.path(), pool_, progress_, 0);
    }
    void corrupt(const std::string& sha256) override {
        const auto file = directory_.path() / "objects" / sha256.substr(0, 2) / sha256;
        ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.put('X');
        ASSERT_TRUE(stream.good());
    }

private:
    TempDir directory_;
    Ignore progress_;
    runtime::BlockingPool pool_{8};
    std::unique_ptr<DocumentStore> store_ = filesystem::open_document_store(directory_.path(), pool_, progress_, 0);
};

std::unique_ptr<DocumentStoreUnderTest> make_filesystem(const boost::asio::any_io_executor& /*loop*/) {
    return std::make_unique<FilesystemUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Filesystem, DocumentStoreContract, ::testing::Values(make_filesystem));

}  // namespace
}  // namespace signwatch::testing
