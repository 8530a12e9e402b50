#pragma once

#include <memory>

#include "core/ports/provider_factory.hpp"

namespace signwatch::signhub {

/// SignHub (Onaylarım, Seneka): what the composition root links in.
std::unique_ptr<ProviderFactory> make_factory();

}  // namespace signwatch::signhub
