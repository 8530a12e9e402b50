#include "core/pipeline/intake.hpp"

#include <utility>

#include "core/domain/error.hpp"

namespace signwatch::pipeline {
namespace {

constexpr std::size_t most_documents = 100;

}  // namespace

DocumentSink& Intake::receive(DocumentRef document) {
    if (received_.size() >= most_documents)
        throw Error(ErrorKind::integrity, "too_many_documents", "one answer carries more than 100 documents");
    Received& received = received_.emplace_back();
    received.document = std::move(document);
    received.bytes = store_.stage(max_size_);
    return *received.bytes;
}

}  // namespace signwatch::pipeline
