#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/ssl/context.hpp>

#include "core/config/configuration.hpp"
#include "core/domain/sensitive.hpp"

namespace signwatch::admin {

/// How clients prove who they are, read from the files that [admin] names. Move only.
class Access {
public:
    /// Throws Error(permanent): "tls_material" or "admin_token", naming the file that cannot be used.
    static Access read(const config::AdminSettings& settings);

    /// The certificates of the listener; once, absent without TLS.
    std::optional<boost::asio::ssl::context> take_tls() { return std::exchange(tls_, std::nullopt); }

    /// Whether an Authorization header carries the token ("Bearer TOKEN"); always, if there is none. Takes equally long
    /// whatever is wrong with it.
    bool permits(std::string_view authorization) const;

private:
    std::optional<boost::asio::ssl::context> tls_;
    Secret token_;
};

}  // namespace signwatch::admin
