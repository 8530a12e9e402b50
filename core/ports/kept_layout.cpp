#include "core/ports/kept_layout.hpp"

#include <utility>

#include "core/domain/error.hpp"

namespace signwatch {
namespace {

constexpr const char* keepsake = "stream_layout";

}  // namespace

Task<StreamLayout> read_layout(Keepsakes& keepsakes) {
    const std::string name = keepsake;
    const std::string nothing_said = StreamLayout(1).text();
    const std::string text = co_await keepsakes.remember(name, nothing_said);
    const auto layout = StreamLayout::parse(text);
    if (!layout) throw Error(ErrorKind::integrity, "store_corrupt", "the keepsake stream_layout cannot be read");
    co_return *layout;
}

Task<void> keep_layout(Keepsakes& keepsakes, StreamLayout layout) {
    const std::string name = keepsake;
    std::string text = layout.text();
    co_await keepsakes.replace(name, std::move(text));
}

}  // namespace signwatch
