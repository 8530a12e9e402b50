#include "core/documents/s3/answer_xml.hpp"

#include <algorithm>
#include <charconv>

#include <pugixml.hpp>

#include "core/domain/error.hpp"

namespace signwatch::s3 {
namespace {

constexpr std::size_t most_bytes = 4 << 20;
constexpr std::ptrdiff_t most_tags = 100'000;
constexpr std::size_t longest_code = 64;
constexpr std::size_t longest_upload_id = 4'096;

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorKind::transient, "s3_answer", std::string("S3: the answer of the server ") + what);
}

// pugixml expands nothing but the five predefined entities; the rest is refused before it is looked at.
void parse(std::string_view body, pugi::xml_document& document) {
    if (body.size() > most_bytes || std::ranges::count(body, '<') > most_tags) refuse("is too large");
    if (body.find("<!") != std::string_view::npos) refuse("holds a declaration");
    if (!document.load_buffer(body.data(), body.size())) refuse("is not XML");
}

bool is_plain_word(std::string_view text) {
    return !text.empty() && text.size() <= longest_code && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    });
}

ListedObject read_object(const pugi::xml_node& node) {
    ListedObject object;
    object.key = node.child_value("Key");
    const std::string_view size = node.child_value("Size");
    const auto number = std::from_chars(size.data(), size.data() + size.size(), object.size);
    const auto modified = parse_iso8601(node.child_value("LastModified"));
    if (object.key.empty() || number.ec != std::errc{} || number.ptr != size.data() + size.size() || !modified) {
        refuse("lists an object without key, size or time");
    }
    object.modified = *modified;
    return object;
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else
            result += c;
    }
    return result;
}

}  // namespace

std::string read_error_code(std::string_view body) {
    pugi::xml_document document;
    try {
        parse(body, document);
    } catch (const Error&) {
        return {};
    }
    const std::string code = document.child("Error").child_value("Code");
    return is_plain_word(code) ? code : std::string{};
}

std::string read_upload_id(std::string_view body) {
    pugi::xml_document document;
    parse(body, document);
    std::string id = document.child("InitiateMultipartUploadResult").child_value("UploadId");
    if (id.empty() || id.size() > longest_upload_id) refuse("names no upload");
    return id;
}

ListPage read_list(std::string_view body) {
    pugi::xml_document document;
    parse(body, document);
    const pugi::xml_node result = document.child("ListBucketResult");
    if (!result) refuse("is no list");
    ListPage page;
    page.more = std::string_view(result.child_value("IsTruncated")) == "true";
    for (const pugi::xml_node& node : result.children("Contents"))
        page.objects.push_back(read_object(node));
    return page;
}

std::string complete_body(const std::vector<std::string>& etags) {
    std::string body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags.size(); ++i) {
        body +=
            "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + escaped(etags[i]) + "</ETag></Part>";
    }
    return body + "</CompleteMultipartUpload>";
}

}  // namespace signwatch::s3
