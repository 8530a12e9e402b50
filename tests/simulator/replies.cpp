#include "tests/simulator/replies.hpp"

namespace signwatch::simulator {

Reply html_reply(unsigned status) {
    constexpr std::string_view page =
        "<!DOCTYPE html><html><head><title>Service unavailable</title></head>"
        "<body><h1>Please try again later</h1></body></html>";
    return {.status = status, .content_type = "text/html; charset=utf-8", .text = std::string{page}};
}

}  // namespace signwatch::simulator
