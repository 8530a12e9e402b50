#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/domain/error.hpp"
#include "core/verify/document_check.hpp"
#include "core/verify/jail.hpp"
#include "core/verify/refuse.hpp"
#include "core/verify/worker_protocol.hpp"

// The program signwatch-verifier: reads hostile documents so that the daemon does not have to.

namespace signwatch::verify {
namespace {

constexpr int cpu_seconds = 10;

/// The bytes of a document, mapped read-only. The file is private to the daemon and does not change.
class MappedDocument {
public:
    MappedDocument(int descriptor, std::size_t size) : size_(size) {
        struct stat status {};
        if (fstat(descriptor, &status) != 0 || static_cast<std::size_t>(status.st_size) < size) {
            refuse("document_size", "the document is shorter than announced");
        }
        if (size == 0) return;
        bytes_ = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
        if (bytes_ == MAP_FAILED) refuse("document_size", "the document is larger than the verifier can hold");
    }
    ~MappedDocument() {
        if (bytes_ != nullptr && bytes_ != MAP_FAILED) munmap(bytes_, size_);
    }
    MappedDocument(const MappedDocument&) = delete;
    MappedDocument& operator=(const MappedDocument&) = delete;

    std::string_view view() const { return {static_cast<const char*>(bytes_), size_}; }

private:
    std::size_t size_;
    void* bytes_ = nullptr;
};

// SIGPROF ends the process when a document costs more than this.
void allow_cpu(int seconds) {
    const itimerval timer{{0, 0}, {seconds, 0}};
    setitimer(ITIMER_PROF, &timer, nullptr);
}

std::string answer_to(const ReceivedRequest& received) {
    try {
        const MappedDocument document(received.document, received.request.size);
        return encode_success(check_document(received.request.kind, document.view()));
    } catch (const Error& error) {
        return encode_refusal(error.code(), error.what());
    }
}

void serve() {
    ReceivedRequest received;
    while (receive_request(worker_socket, received)) {
        allow_cpu(cpu_seconds);
        const std::string answer = answer_to(received);
        close(received.document);
        allow_cpu(0);
        if (send(worker_socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    }
}

void run() {
    warm_up();
    enter_jail();
    if (send(worker_socket, ready.data(), ready.size(), MSG_NOSIGNAL) < 0) return;
    serve();
}

}  // namespace
}  // namespace signwatch::verify

int main() {
    try {
        signwatch::verify::run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "signwatch-verifier: %s\n", error.what());
        _exit(1);
    }
    _exit(0);
}
