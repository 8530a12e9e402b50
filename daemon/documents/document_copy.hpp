#pragma once

#include <cstddef>
#include <functional>

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/document_store.hpp"

namespace signwatch::daemon {

/// How far a copy has come.
struct CopyCount {
    std::size_t seen = 0;      ///< documents of the source
    std::size_t copied = 0;    ///< those that were not there
    std::size_t verified = 0;  ///< those whose bytes were read from the target, with the right hash
};

using ShowCopy = std::function<void(const CopyCount& count)>;

/// Copies every document that `to` does not have at its right size, eight at a time: what an interrupted copy brought
/// over is not carried again. Throws what the stores throw, at the first document that cannot be copied. Nobody else
/// should put or remove documents in `from` meanwhile.
Task<CopyCount> copy_documents(boost::asio::any_io_executor loop,
                               DocumentStore& from,
                               DocumentStore& to,
                               ShowCopy show);

/// Reads every document of `from` out of `to`, whose bytes must have its hash. Error(integrity, "copy_incomplete") if
/// one is missing, Error(integrity, "document_corrupt") if one differs.
Task<CopyCount> verify_copy(boost::asio::any_io_executor loop, DocumentStore& from, DocumentStore& to, ShowCopy show);

}  // namespace signwatch::daemon
