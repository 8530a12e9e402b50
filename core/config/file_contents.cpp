#include "core/config/file_contents.hpp"

#include <algorithm>
#include <fstream>

#include "core/config/named_file.hpp"
#include "core/crypto/pem.hpp"

namespace signwatch::config {
namespace {

constexpr std::size_t shortest_token = 20;
constexpr std::size_t longest_token = 1'000;
constexpr std::size_t longest_text = 4'096;

bool may_be_opened(const Section& section, const std::string& path) {
    return section.looks_into_files() && !path.empty() && !path.starts_with(unseen_credentials);
}

// At the key that is given, of the two.
void report_content(Section& section, const std::string& key, const std::string& mistake, const std::string& remedy) {
    if (mistake.empty()) return;
    const std::string credential = key + "_credential";
    const std::string name = section.has(credential) ? credential : key + "_file";
    section.report(name, "`" + name + "`: the file " + mistake, remedy);
}

}  // namespace

void check_tls_contents(Section& section, const TlsPaths& paths) {
    if (may_be_opened(section, paths.certificate)) {
        report_content(section,
                       "certificate",
                       crypto::certificate_mistake(paths.certificate),
                       "name a file with the certificate and its chain in PEM form");
    }
    if (may_be_opened(section, paths.key)) {
        const std::string other = may_be_opened(section, paths.certificate) ? paths.certificate : "";
        report_content(section,
                       "key",
                       crypto::key_mistake(paths.key, other),
                       "name the file with the certificate's own key in PEM form");
    }
    if (may_be_opened(section, paths.authorities)) {
        report_content(section,
                       std::string(paths.authorities_key),
                       crypto::authorities_mistake(paths.authorities),
                       "name a file with the authorities' certificates in PEM form");
    }
}

void check_text_content(Section& section,
                        const std::string& key,
                        const std::string& path,
                        bool (*fits)(std::string_view),
                        std::string_view wanted) {
    if (!may_be_opened(section, path)) return;
    std::ifstream file(path, std::ios::binary);
    if (!file) return;
    std::string text(longest_text, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    if (fits(text)) return;
    report_content(
        section, key, "does not hold what it should", "put " + std::string(wanted) + " into it, and nothing else");
}

bool is_admin_token(std::string_view text) {
    const auto visible = [](char c) { return c > 0x20 && c < 0x7F; };
    return text.size() >= shortest_token && text.size() <= longest_token && std::ranges::all_of(text, visible);
}

}  // namespace signwatch::config
