#include <algorithm>

#include "core/config/file_contents.hpp"
#include "core/config/settings.hpp"
#include "core/ports/http.hpp"

namespace signwatch::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::size_t longest_prefix = 512;

bool is_bucket_name(const std::string& name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.size() < 3 || name.size() > 63 || !plain(name.front()) || !plain(name.back())) return false;
    return std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.'; });
}

bool is_plain(const std::string& text, std::string_view others) {
    return std::ranges::all_of(text, [&](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return letter || others.find(c) != std::string_view::npos;
    });
}

void refuse_without_s3(Section& section) {
    for (const char* const key : {"endpoint",
                                  "region",
                                  "bucket",
                                  "prefix",
                                  "style",
                                  "encryption",
                                  "kms_key_id",
                                  "multipart_threshold",
                                  "part_size",
                                  "read_back",
                                  "connect_timeout",
                                  "request_timeout",
                                  "transfer_timeout",
                                  "max_connections",
                                  "ca_file",
                                  "ca_credential",
                                  "access_key_id_file",
                                  "access_key_id_credential",
                                  "secret_access_key_file",
                                  "secret_access_key_credential",
                                  "session_token_file",
                                  "session_token_credential"}) {
        if (!section.has(key)) continue;
        section.report(
            key, "`" + std::string(key) + "` has no effect on documents in the directory", "add backend = \"s3\"");
    }
}

void read_place(Section& section, DocumentSettings& documents) {
    documents.region = section.text("region", documents.region);
    if (documents.region.empty() || documents.region.size() > 64 || !is_plain(documents.region, "-")) {
        section.report("region", "`region` is not the name of a region", "such as \"eu-north-1\"");
    }
    documents.endpoint = section.text("endpoint", "https://s3." + documents.region + ".amazonaws.com");
    if (documents.endpoint.ends_with('/')) documents.endpoint.pop_back();
    if (origin_of(documents.endpoint) != documents.endpoint) {
        section.report(
            "endpoint", "`endpoint` is not an https address", "write \"https://host\" or \"https://host:port\"");
    }
    documents.bucket = section.text("bucket", "");
    if (section.has("bucket") && !is_bucket_name(documents.bucket)) {
        section.report("bucket", "`bucket` is not the name of a bucket", "3 to 63 of a-z, 0-9, - and .");
    }
    documents.virtual_hosted = section.choice("style", {"path", "virtual"}, "path") == "virtual";
    if (documents.virtual_hosted && documents.bucket.find('.') != std::string::npos) {
        section.report("style", "no certificate fits a host name with the dots of this bucket", "use style = \"path\"");
    }
    documents.prefix = section.text("prefix", "");
    const bool odd = documents.prefix.find("//") != std::string::npos || documents.prefix.starts_with('/') ||
                     documents.prefix.size() > longest_prefix || !is_plain(documents.prefix, "/-_.");
    if (odd || documents.prefix.starts_with('.') || documents.prefix.find("/.") != std::string::npos) {
        section.report(
            "prefix", "`prefix` cannot stand before a key", "letters, digits, -, _ and / such as \"signwatch/\"");
    }
    if (!documents.prefix.empty() && !documents.prefix.ends_with('/')) documents.prefix += '/';
}

void read_credentials(Section& section, DocumentSettings& documents) {
    documents.access_key_id_file = section.file("access_key_id", true);
    documents.secret_access_key_file = section.file("secret_access_key", true);
    documents.session_token_file = section.file("session_token", true);
    documents.ca_file = section.file("ca", false);
    check_tls_contents(section, {"", "", documents.ca_file});
}

void require(Section& section, const std::string& key, bool as_file) {
    if (section.has(as_file ? key + "_file" : key) || (as_file && section.has(key + "_credential"))) return;
    const std::string name = as_file ? key + "_file" : key;
    section.report(
        name, "`" + name + "` is missing", "a bucket needs bucket, access_key_id_file and secret_access_key_file");
}

void read_encryption(Section& section, DocumentSettings& documents) {
    documents.encryption = section.choice("encryption", {"none", "s3", "kms"}, documents.encryption);
    documents.kms_key_id = section.text("kms_key_id", "");
    if (!documents.kms_key_id.empty() && documents.encryption != "kms") {
        section.report("kms_key_id", "`kms_key_id` has no effect without KMS", "add encryption = \"kms\"");
    }
    if (documents.kms_key_id.size() > 2'048 || !is_plain(documents.kms_key_id, "-_.:/")) {
        section.report("kms_key_id", "`kms_key_id` is not the name of a key", "the id, alias or ARN of a KMS key");
    }
}

void read_limits(Section& section, DocumentSettings& documents) {
    documents.multipart_threshold =
        section.size("multipart_threshold", documents.multipart_threshold, 5 * mib, 1'024 * mib);
    documents.part_size = section.size("part_size", documents.part_size, 5 * mib, 1'024 * mib);
    documents.read_back = section.boolean("read_back", documents.read_back);
    documents.connect_timeout = section.duration("connect_timeout", documents.connect_timeout, seconds{1}, seconds{60});
    documents.request_timeout = section.duration("request_timeout", documents.request_timeout, seconds{1}, minutes{5});
    documents.transfer_timeout =
        section.duration("transfer_timeout", documents.transfer_timeout, seconds{10}, minutes{60});
    documents.max_connections = static_cast<int>(section.integer("max_connections", documents.max_connections, 1, 256));
}

}  // namespace

DocumentSettings read_documents(Section& section) {
    DocumentSettings documents;
    documents.s3 = section.choice("backend", {"filesystem", "s3"}, "filesystem") == "s3";
    read_place(section, documents);
    read_credentials(section, documents);
    read_encryption(section, documents);
    read_limits(section, documents);
    if (documents.s3) {
        require(section, "bucket", false);
        require(section, "access_key_id", true);
        require(section, "secret_access_key", true);
    } else {
        refuse_without_s3(section);
    }
    section.finish();
    return documents.s3 ? documents : DocumentSettings{};
}

}  // namespace signwatch::config
