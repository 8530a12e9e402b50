#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/clock.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/observer.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/verifier.hpp"

namespace signwatch::pipeline {

/// What the line works with; all outlive it.
struct LineParts {
    boost::asio::any_io_executor loop;
    Clock& clock;
    StateStore& state;
    DocumentStore& documents;
    DocumentVerifier& verifier;
    Observer& observer;
    Progress& progress;
};

}  // namespace signwatch::pipeline
