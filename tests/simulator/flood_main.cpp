#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/simulator/hook_flood.hpp"

int main(int argument_count, char** arguments) {
    CLI::App app("Sends many notifications to a listener on this machine, and says how it bore them.",
                 "signwatch-hook-flood");
    signwatch::simulator::FloodOptions options;
    app.add_option("--url", options.url, "https on this machine")->required();
    app.add_option("--rate", options.rate, "notifications a second");
    app.add_option("--seconds", options.seconds, "for so long");
    app.add_option("--connections", options.connections, "connections that are kept alive");
    app.add_option("--client-id", options.client_id, "Adobe: X-AdobeSign-ClientId");
    app.add_option("--hmac-key", options.hmac_key, "ArqSign: the key; its notifications instead of Adobe's");
    app.add_option("--account", options.account, "ArqSign: idConta");
    app.add_option("--webhook", options.webhook, "id of the webhook");
    app.add_option("--subject", options.subject, "id of the agreement or process that all are about");
    app.add_option("--ca", options.tls.authority, "authority of the listener's certificate");
    app.add_option("--certificate", options.tls.certificate, "our own certificate");
    app.add_option("--key", options.tls.key, "its key");
    CLI11_PARSE(app, argument_count, arguments);
    options.arqsign = !options.hmac_key.empty();
    try {
        std::cout << signwatch::simulator::flood(options).to_json().dump() << std::endl;
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "signwatch-hook-flood: " << error.what() << '\n';
        return 2;
    }
}
