#include "providers/arqsign/test_support.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace signwatch::arqsign::testing {

std::string fixture(const std::string& name) {
    std::ifstream file(std::filesystem::path(SIGNWATCH_SOURCE_DIR) / "providers/arqsign/fixtures" / name);
    if (!file) throw std::runtime_error("cannot read " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

Pseudonymise pseudonymise() {
    return [](const Sensitive& identity) { return "ref(" + identity.reveal() + ")"; };
}

Settings settings() {
    Settings settings;
    settings.root_url = "https://localhost:8443";
    settings.host.origin = "https://localhost:8443";
    settings.max_response = 1 << 20;
    settings.account_terms.account = "acme";
    settings.account_terms.provider = ProviderKind::arqsign;
    settings.account_terms.process_interval = std::chrono::hours{24};
    return settings;
}

DocumentSink& MemoryIntake::receive(DocumentRef document) {
    return sinks_[{document.kind, document.part}];
}

std::map<std::pair<DocumentKind, int>, std::string> MemoryIntake::texts() const {
    std::map<std::pair<DocumentKind, int>, std::string> texts;
    for (const auto& [key, sink] : sinks_)
        texts[key] = sink.text;
    return texts;
}

void MemoryIntake::Sink::write(std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace signwatch::arqsign::testing
