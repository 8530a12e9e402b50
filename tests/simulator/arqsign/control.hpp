#pragma once

#include "tests/simulator/arqsign/sender.hpp"

namespace signwatch::simulator {

/// The control API of the imitated ArqSign: README.md has the calls.
class ArqSignControl {
public:
    struct Parts {
        const ArqSignOptions& options;
        ArqSignWorld& world;
        CallWindows& windows;
        ArqSignReferee& referee;
        ArqSignSender& sender;
        Controlled shared;
    };
    explicit ArqSignControl(Parts parts) : parts_(std::move(parts)) {}

    Reply handle(const Call& call);

private:
    Reply add_processes(const Call& call);
    Reply change_process(const Call& call);
    Reply list_processes();
    Reply list_canaries();

    Parts parts_;
};

}  // namespace signwatch::simulator
