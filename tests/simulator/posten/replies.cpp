#include "tests/simulator/posten/replies.hpp"

#include "tests/simulator/posten/xml.hpp"

namespace signwatch::simulator {

Reply error_reply(unsigned status, std::string_view code, std::string_view message) {
    return {.status = status, .text = write_error(code, message)};
}

}  // namespace signwatch::simulator
