#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "core/verify/worker_process.hpp"
#include "core/verify/worker_protocol.hpp"
#include "tests/fakes/signed_documents.hpp"

// How long one jailed worker takes per document: `verify_bench PATH_OF_SIGNWATCH_VERIFIER`.

namespace {

using namespace signwatch;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 3'000;

double microseconds(Clock::duration time) {
    return std::chrono::duration<double, std::micro>(time).count();
}

double cpu_of_both(pid_t worker) {
    double ticks = 0;
    for (const std::string& who : {std::string("self"), std::to_string(worker)}) {
        std::ifstream schedstat("/proc/" + who + "/schedstat");
        double on_cpu = 0;
        schedstat >> on_cpu;
        ticks += on_cpu;
    }
    return ticks / 1000;
}

void measure(verify::WorkerProcess& worker, const char* name, DocumentKind kind, const std::string& bytes) {
    const auto path = std::filesystem::temp_directory_path() / "signwatch-verify-bench";
    std::ofstream(path, std::ios::binary) << bytes;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::filesystem::remove(path);
    std::vector<double> times;
    const double cpu_before = cpu_of_both(worker.pid());
    for (int i = 0; i < rounds; ++i) {
        const Clock::time_point start = Clock::now();
        worker.send(kind, file, bytes.size());
        verify::decode_answer(worker.receive(std::chrono::seconds{20}));
        times.push_back(microseconds(Clock::now() - start));
    }
    const double cpu = (cpu_of_both(worker.pid()) - cpu_before) / rounds;
    close(file);
    double sum = 0;
    for (const double time : times)
        sum += time;
    std::sort(times.begin(), times.end());
    std::printf("%-28s %6zu bytes  min %4.0f  p50 %4.0f  p99 %5.0f us, CPU %4.0f us, %5.0f documents/s\n",
                name,
                bytes.size(),
                times.front(),
                times[times.size() / 2],
                times[times.size() * 99 / 100],
                cpu,
                1e6 * rounds / sum);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const testing::DocumentSigner signer;
    const Clock::time_point start = Clock::now();
    verify::WorkerProcess worker(argv[1], std::chrono::seconds{10});
    std::printf("start of a worker: %.0f us\n", microseconds(Clock::now() - start));
    measure(worker, "PAdES, 1 signature", DocumentKind::pades, signer.signed_pdf("bench", 200'000, 1));
    measure(worker, "PAdES, 1 signature, small", DocumentKind::pades, signer.signed_pdf("bench", 20'000, 1));
    measure(worker, "PAdES, 3 signatures", DocumentKind::pades, signer.signed_pdf("bench", 200'000, 3));
    measure(worker, "XAdES", DocumentKind::xades, signer.xades("bench", 10'000));
    return 0;
}
