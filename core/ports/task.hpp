#pragma once

#include <boost/asio/awaitable.hpp>

namespace signwatch {

/// What every asynchronous operation of signwatch returns: a coroutine on the one event-loop thread. ARCHITECTURE.md
/// has the seven rules that keep g++ 12 from miscompiling such code; tests/style enforces them.
template <typename T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace signwatch
