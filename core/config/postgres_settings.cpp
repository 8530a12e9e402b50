#include "core/config/postgres_settings.hpp"

#include "core/config/file_contents.hpp"

namespace signwatch::config {
namespace {

void check_tls(Section& section, const PostgresSettings& postgres) {
    if (section.has("tls") && postgres.tls && postgres.address.is_unix()) {
        section.report("tls", "`tls` cannot be used over a Unix socket", "remove tls, or give a TCP address");
    }
    if (!postgres.tls && !postgres.address.is_local()) {
        section.report("tls",
                       "documents' addresses and states would cross the network in clear",
                       "remove tls = false, or use a database on this machine");
    }
    if (postgres.certificate_file.empty() != postgres.key_file.empty()) {
        section.report(postgres.key_file.empty() ? "certificate_file" : "key_file",
                       "a client certificate and its key belong together",
                       "give both certificate_file and key_file");
    }
    if (postgres.tls && !postgres.address.is_unix()) return;
    for (const std::string key : {"ca", "certificate", "key"}) {
        for (const auto& name : {key + "_file", key + "_credential"}) {
            if (section.has(name)) section.report(name, "`" + name + "` has no effect without TLS", "remove it");
        }
    }
}

}  // namespace

PostgresSettings read_postgres(Section& section) {
    PostgresSettings postgres;
    const std::string address = section.text("address", postgres.address.text());
    if (const auto endpoint = parse_endpoint(address))
        postgres.address = *endpoint;
    else
        section.report("address",
                       "`address` is not an address",
                       "write \"host:port\", \"[ipv6]:port\" or \"unix:/directory/of/the/socket\"");
    postgres.database = section.text("database", postgres.database);
    postgres.user = section.text("user", postgres.user);
    postgres.password_file = section.file("password", true);
    postgres.tls = section.boolean("tls", !postgres.address.is_unix());
    postgres.ca_file = section.file("ca", false);
    postgres.certificate_file = section.file("certificate", false);
    postgres.key_file = section.file("key", true);
    postgres.readers = static_cast<int>(section.integer("readers", postgres.readers, 1, 32));
    check_tls(section, postgres);
    check_tls_contents(section, {postgres.certificate_file, postgres.key_file, postgres.ca_file});
    section.finish();
    return postgres;
}

}  // namespace signwatch::config
