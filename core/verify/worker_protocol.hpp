#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/domain/document.hpp"
#include "core/ports/verifier.hpp"

/// What the daemon and its verifier process say to each other: one message each way over a SOCK_SEQPACKET socket, the
/// document's descriptor travelling with the request. The worker greets with `ready` when its jail is closed.
namespace signwatch::verify {

inline constexpr int worker_socket = 3;  ///< the descriptor that a worker inherits
inline constexpr std::string_view ready = "ready";
inline constexpr std::size_t max_answer = 1024;

struct Request {
    DocumentKind kind = DocumentKind::pades;
    std::uint64_t size = 0;
};

struct ReceivedRequest {
    Request request;
    int document = -1;  ///< owned by the receiver
};

/// False: the other side is gone (or, for receiving, sent nonsense).
bool send_request(int socket, const Request& request, int document);
bool receive_request(int socket, ReceivedRequest& received);

std::string encode_success(const Verification& verification);
std::string encode_refusal(std::string_view code, std::string_view text);

/// Gives the verification or throws the refusal as Error(integrity). The worker may have been taken over by a document,
/// so an answer that is out of form throws "verifier_crashed", and no control character gets through.
Verification decode_answer(std::string_view answer);

}  // namespace signwatch::verify
