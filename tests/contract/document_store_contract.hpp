#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/ports/document_store.hpp"
#include "tests/contract/loop.hpp"

namespace signwatch::testing {

class DocumentStoreUnderTest {
public:
    virtual ~DocumentStoreUnderTest() = default;
    virtual DocumentStore& store() = 0;
    /// Closes and opens the store, as a restart of the daemon does.
    virtual void reopen() = 0;
    /// Changes a stored document behind the store's back, keeping its size.
    virtual void corrupt(const std::string& sha256) = 0;
};

/// Given the loop on which the tests wait; the subject ends before it.
using DocumentStoreFactory =
    std::function<std::unique_ptr<DocumentStoreUnderTest>(const boost::asio::any_io_executor& loop)>;

/// What every DocumentStore must do: the port's comments as tests. Instantiate with INSTANTIATE_TEST_SUITE_P.
class DocumentStoreContract : public ::testing::TestWithParam<DocumentStoreFactory> {
protected:
    DocumentStore& store() { return subject_->store(); }
    DocumentStoreUnderTest& subject() { return *subject_; }

    template <typename T>
    T wait(Task<T> task) {
        return loop_.wait(std::move(task));
    }

    std::unique_ptr<StagedDocument> stage(std::string_view content);
    PutResult put(std::string_view content) { return wait(store().put(stage(content))); }
    /// Empty if it is not there.
    std::string get(const std::string& sha256);

    Loop loop_;

private:
    std::unique_ptr<DocumentStoreUnderTest> subject_ = GetParam()(loop_.executor());
};

/// Takes a document into memory.
class StringSink : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override;
    std::string content;
};

/// The code of the Error that `action` throws; empty if it throws none.
std::string code_of(const std::function<void()>& action);

}  // namespace signwatch::testing
