#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/ports/event_stream.hpp"
#include "tests/fakes/memory_event_stream.hpp"

/// What every EventStream must do. A test program compiles event_stream_contract.cpp and instantiates
/// EventStreamContract.
namespace signwatch::testing {

/// An entry as a consumer finds it: entry id and event id.
using StreamEntry = std::pair<EntryId, std::string>;

/// One stream under test, empty at first, with what happens behind its back.
class StreamUnderTest {
public:
    virtual ~StreamUnderTest() = default;

    virtual EventStream& stream() = 0;
    /// Somebody else appends an entry.
    virtual void intrude(EntryId entry, const std::string& event_id) = 0;
    /// The stream loses everything.
    virtual void lose_all() = 0;
    /// One entry disappears.
    virtual void lose(EntryId entry) = 0;
    /// A consumer removes what is before that entry.
    virtual void trim(EntryId first) = 0;
    virtual std::vector<StreamEntry> entries() = 0;
    /// Runs the event loop until the task has ended.
    virtual PublishResult finish(Task<PublishResult> task) = 0;
    virtual EntryId finish(Task<EntryId> task) = 0;
    virtual std::vector<std::int64_t> finish(Task<std::vector<std::int64_t>> task) = 0;
};

struct StreamCase {
    std::string name;
    std::function<std::unique_ptr<StreamUnderTest>()> make;
};

class EventStreamContract : public ::testing::TestWithParam<StreamCase> {};

}  // namespace signwatch::testing
