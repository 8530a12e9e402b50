#pragma once

#include <cstddef>
#include <memory>

#include "tests/fakes/signed_documents.hpp"
#include "tests/simulator/posten/job.hpp"

namespace signwatch::simulator {

/// Makes the files of jobs when they are first needed. Its keys are made with the first document.
class DocumentFactory {
public:
    DocumentFactory(std::size_t pades_size, std::size_t xades_size)
        : pades_size_(pades_size), xades_size_(xades_size) {}

    /// Gives `document`, one of the job's own, its bytes, hash and size unless it has them.
    void make(const Job& job, Document& document);

    /// Makes every file that the job will have when it is completed.
    void make_all(Job& job);

private:
    std::size_t pades_size_;
    std::size_t xades_size_;
    std::unique_ptr<testing::DocumentSigner> signer_;
};

}  // namespace signwatch::simulator
