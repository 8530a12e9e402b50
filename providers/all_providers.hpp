#pragma once

#include <memory>
#include <vector>

#include "core/ports/provider_factory.hpp"

namespace signwatch {

/// Every provider this program speaks, one factory each; the source is generated from the list in
/// providers/CMakeLists.txt.
std::vector<std::unique_ptr<ProviderFactory>> all_providers();

}  // namespace signwatch
