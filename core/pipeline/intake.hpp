#pragma once

#include <memory>
#include <vector>

#include "core/ports/document_store.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// Documents that came along with an answer, each in a private temporary file until it is verified and stored.
class Intake : public DocumentIntake {
public:
    struct Received {
        DocumentRef document;
        std::unique_ptr<StagedDocument> bytes;
    };

    Intake(DocumentStore& store, std::uint64_t max_size) : store_(store), max_size_(max_size) {}

    DocumentSink& receive(DocumentRef document) override;

    std::vector<Received> take() { return std::move(received_); }

private:
    DocumentStore& store_;
    std::uint64_t max_size_;
    std::vector<Received> received_;
};

}  // namespace signwatch::pipeline
