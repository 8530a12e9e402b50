#include "tests/simulator/gzip.hpp"

#include <algorithm>
#include <cstdint>

#include <boost/crc.hpp>

namespace signwatch::simulator {
namespace {

constexpr std::size_t largest_block = 65'535;
constexpr std::string_view header{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10};

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xff);
}

}  // namespace

std::string gzipped(std::string_view text) {
    boost::crc_32_type checksum;
    checksum.process_bytes(text.data(), text.size());
    std::string out{header};
    const auto length = static_cast<std::uint32_t>(text.size());
    do {
        const std::string_view block = text.substr(0, largest_block);
        text.remove_prefix(block.size());
        const auto size = static_cast<std::uint32_t>(block.size());
        out += text.empty() ? '\1' : '\0';
        append_little_endian(out, size, 2);
        append_little_endian(out, ~size & 0xffff, 2);
        out += block;
    } while (!text.empty());
    append_little_endian(out, checksum.checksum(), 4);
    append_little_endian(out, length, 4);
    return out;
}

}  // namespace signwatch::simulator
