#include "tests/simulator/posten_replies.hpp"

#include "tests/simulator/posten_xml.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::string_view html_page =
    "<!DOCTYPE html><html><head><title>Service unavailable</title></head>"
    "<body><h1>Please try again later</h1></body></html>";

}  // namespace

Reply error_reply(unsigned status, std::string_view code, std::string_view message) {
    return {.status = status, .text = write_error(code, message)};
}

Reply html_reply(unsigned status) {
    return {.status = status, .content_type = "text/html; charset=utf-8", .text = std::string{html_page}};
}

}  // namespace signwatch::simulator
