#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/domain/error.hpp"
#include "core/ports/provider_factory.hpp"
#include "providers/arqsign/config.hpp"

/// Shared by the tests of this folder.
namespace signwatch::arqsign::testing {

inline constexpr const char* process_id = "7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10";

std::string fixture(const std::string& name);

/// A readable stand-in for the installation's keyed hash.
Pseudonymise pseudonymise();

/// An account at a host of its own, looked at once a day.
Settings settings();

/// Keeps what it receives, by kind and part.
class MemoryIntake final : public DocumentIntake {
public:
    DocumentSink& receive(DocumentRef document) override;
    std::map<std::pair<DocumentKind, int>, std::string> texts() const;

private:
    struct Sink final : DocumentSink {
        void write(std::span<const std::byte> bytes) override;
        std::string text;
    };
    std::map<std::pair<DocumentKind, int>, Sink> sinks_;
};

/// The code of the Error that `action` throws; "" if it throws none.
template <typename Action>
std::string code_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return "";
}

}  // namespace signwatch::arqsign::testing
