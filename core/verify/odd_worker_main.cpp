#include <fcntl.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include "core/verify/worker_protocol.hpp"

// Test program: a verifier process that misbehaves as the announced size of the document says.

int main() {
    using namespace signwatch::verify;
    const auto say = [](std::string_view text) { send(worker_socket, text.data(), text.size(), MSG_NOSIGNAL); };
    for (int other = worker_socket + 1; other < 256; ++other) {
        if (fcntl(other, F_GETFD) >= 0) return 1;  // something of the daemon's came along
    }
    say(ready);
    ReceivedRequest received;
    while (receive_request(worker_socket, received)) {
        close(received.document);
        if (received.request.size == 1) return 1;
        if (received.request.size == 2) say("+application/pdf\n1 fine\r\nand a forged log line");
        if (received.request.size == 3) pause();
        if (received.request.size == 4) say("+application/pdf\n-1 fine");
        if (received.request.size == 5) say("+application/pdf\nfine");
        if (received.request.size == 6) say("+application/pdf\n99999999999 fine");
        if (received.request.size > 6) say("+application/pdf\n1 fine");
    }
    return 0;
}
