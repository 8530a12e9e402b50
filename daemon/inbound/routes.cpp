#include "daemon/inbound/routes.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "core/domain/error.hpp"

namespace signwatch::inbound {
namespace {

constexpr std::size_t longest_path = 512;

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorKind::permanent, "webhook_path", what);
}

std::string read_path(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(longest_path + 3, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    if (!config::is_webhook_path(text)) {
        refuse("the file " + file +
               " must hold one path that begins with /, at most 512 visible characters, and nothing else");
    }
    return text;
}

std::string path_of(const config::WebhookDoor& door) {
    if (!door.path_file.empty()) return read_path(door.path_file);
    return door.path.empty() ? "/webhooks/" + door.account : door.path;
}

std::string_view view(const crypto::Sha256Bytes& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Routes::Routes(std::vector<Listening> accounts) : accounts_(std::move(accounts)) {
    std::set<crypto::Sha256Bytes> seen;
    std::set<ProviderKind> providers;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const Listening& account = accounts_[i];
        digests_.push_back(digest(path_of(account.door)));
        if (!seen.insert(digests_.back()).second)
            refuse("account \"" + account.door.account + "\" has the webhook path of another account");
        if (providers.insert(account.provider).second) stand_ins_.push_back(i);
        max_body_ = std::max(max_body_, account.webhooks->max_body());
    }
}

const Listening* Routes::find(std::string_view target) const {
    const crypto::Sha256Bytes whole = digest(target);
    const crypto::Sha256Bytes path = digest(target.substr(0, target.find('?')));
    const Listening* found = nullptr;
    bool exactly = false;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const bool by_whole = crypto::equal_constant_time(view(whole), view(digests_[i]));
        const bool by_path = crypto::equal_constant_time(view(path), view(digests_[i]));
        if (by_whole || (by_path && !exactly)) found = &accounts_[i];
        exactly = exactly || by_whole;
    }
    return found;
}

void Routes::repeat_work(const Listening* done, const WebhookRequest& request) const {
    for (const std::size_t i : stand_ins_) {
        const Listening& account = accounts_[i];
        if (!done || account.provider != done->provider) static_cast<void>(account.webhooks->answer(request));
    }
}

}  // namespace signwatch::inbound
