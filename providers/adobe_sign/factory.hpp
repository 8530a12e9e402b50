#pragma once

#include <memory>

#include "core/ports/provider_factory.hpp"

namespace signwatch::adobe_sign {

/// Adobe Acrobat Sign, REST v6: what the composition root links in.
std::unique_ptr<ProviderFactory> make_factory();

}  // namespace signwatch::adobe_sign
