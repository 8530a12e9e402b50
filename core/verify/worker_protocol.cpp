#include "core/verify/worker_protocol.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr std::size_t max_code = 40;
constexpr char separator = '\n';

struct alignas(cmsghdr) DescriptorRoom {
    std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

msghdr message_of(iovec& content, DescriptorRoom& room) {
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = room.bytes.data();
    message.msg_controllen = room.bytes.size();
    return message;
}

int descriptor_in(msghdr& message) {
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return -1;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

std::string encode(char outcome, std::string_view first, std::string_view second) {
    std::string text{outcome};
    text.append(first);
    text += separator;
    text.append(second);
    text.resize(std::min(text.size(), max_answer));
    return text;
}

bool is_token(std::string_view text, std::string_view punctuation) {
    const auto fits = [punctuation](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || punctuation.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= max_code && std::all_of(text.begin(), text.end(), fits);
}

// `text`: the number of signatures and the summary.
std::optional<Verification> read_success(std::string_view media_type, std::string_view text) {
    Verification verification;
    const char* const end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, verification.signatures);
    if (number.ec != std::errc{} || verification.signatures < 0 || number.ptr == end || *number.ptr != ' ')
        return std::nullopt;
    verification.media_type = media_type;
    verification.summary.assign(number.ptr + 1, end);
    return verification;
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

bool send_request(int socket, const Request& request, int document) {
    Request copy = request;
    iovec content{&copy, sizeof copy};
    DescriptorRoom room;
    msghdr message = message_of(content, room);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof document);
    std::memcpy(CMSG_DATA(header), &document, sizeof document);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof copy);
}

bool receive_request(int socket, ReceivedRequest& received) {
    iovec content{&received.request, sizeof received.request};
    DescriptorRoom room;
    msghdr message = message_of(content, room);
    ssize_t size = 0;
    do {
        size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return false;
    received.document = descriptor_in(message);
    return size == static_cast<ssize_t>(sizeof received.request) && received.document >= 0;
}

std::string encode_success(const Verification& verification) {
    return encode('+', verification.media_type, std::to_string(verification.signatures) + ' ' + verification.summary);
}

std::string encode_refusal(std::string_view code, std::string_view text) {
    return encode('-', code, text);
}

Verification decode_answer(std::string_view answer) {
    const std::size_t middle = answer.find(separator);
    if (middle != std::string_view::npos && middle > 0) {
        const std::string_view first = answer.substr(1, middle - 1);
        const std::string_view second = answer.substr(middle + 1);
        if (answer[0] == '+' && is_token(first, "/-.+") && is_plain(second)) {
            const std::optional<Verification> verification = read_success(first, second);
            if (verification) return *verification;
        }
        if (answer[0] == '-' && is_token(first, "_") && is_plain(second)) {
            throw Error(ErrorKind::integrity, std::string(first), std::string(second));
        }
    }
    refuse("verifier_crashed", "the verifier process gave an answer that makes no sense");
}

}  // namespace signwatch::verify
