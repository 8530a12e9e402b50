#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::verify {

/// A CMS SignedData (RFC 5652) without the certificates and revocation lists that it brings along, which are most of
/// what there is to decode.
struct CmsParts {
    std::string bare;                            ///< the ContentInfo without them
    std::vector<std::string_view> certificates;  ///< DER, views of the original
    std::size_t size = 0;                        ///< of the original, without what follows it
};

/// nullopt for anything but the plain DER form: decode that whole.
std::optional<CmsParts> take_apart(std::string_view cms);

}  // namespace signwatch::verify
