#include "core/verify/verifier_pool.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/verify/hostile_pdfs.hpp"
#include "core/verify/jail.hpp"
#include "core/verify/worker_process.hpp"
#include "core/verify/worker_protocol.hpp"
#include "tests/fakes/child_process.hpp"
#include "tests/fakes/signed_documents.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::verify {
namespace {

using namespace std::chrono_literals;

/// A file on disk that has no name any more.
class OpenFile {
public:
    OpenFile(const signwatch::testing::TempDir& directory, const std::string& bytes)
        : descriptor_(open(directory.write("document", bytes).c_str(), O_RDONLY | O_CLOEXEC)), size_(bytes.size()) {
        std::filesystem::remove(directory.path() / "document");
    }
    ~OpenFile() { close(descriptor_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    int descriptor() const { return descriptor_; }
    std::uint64_t size() const { return size_; }

private:
    int descriptor_;
    std::uint64_t size_;
};

std::vector<pid_t> children() {
    std::vector<pid_t> found;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream list(task.path() / "children");
        for (pid_t pid = 0; list >> pid;)
            found.push_back(pid);
    }
    return found;
}

struct VerifierPoolTest : ::testing::Test {
    signwatch::testing::TempDir directory;
    signwatch::testing::DocumentSigner signer;
    boost::asio::io_context loop{1};
    runtime::BlockingPool pool{8};
    std::vector<std::string> outcomes;  ///< the summary, or the code of the error

    static VerifierSettings settings() { return {SIGNWATCH_VERIFIER}; }

    static VerifierSettings odd() {
        VerifierSettings settings{SIGNWATCH_ODD_WORKER};
        settings.workers = 1;
        return settings;
    }

    Task<void> check(DocumentVerifier& verifier, DocumentKind kind, int descriptor, std::uint64_t size) {
        std::string outcome;
        try {
            const Verification proved = co_await verifier.verify(kind, descriptor, size);
            outcome = proved.summary;
        } catch (const Error& error) {
            outcome = error.code();
        }
        outcomes.push_back(outcome);
    }

    Task<void> check_often(DocumentVerifier& verifier, DocumentKind kind, const OpenFile& file, int times) {
        for (int i = 0; i < times; ++i)
            co_await check(verifier, kind, file.descriptor(), file.size());
    }

    void spawn(Task<void> task) {
        boost::asio::co_spawn(loop, std::move(task), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
        });
    }

    void run() {
        loop.restart();
        loop.run();
    }

    std::string outcome_of(DocumentVerifier& verifier, DocumentKind kind, int descriptor, std::uint64_t size) {
        spawn(check(verifier, kind, descriptor, size));
        run();
        return outcomes.back();
    }

    std::string outcome_of(DocumentVerifier& verifier, DocumentKind kind, const std::string& bytes) {
        const OpenFile file(directory, bytes);
        return outcome_of(verifier, kind, file.descriptor(), file.size());
    }
};

TEST_F(VerifierPoolTest, tells_good_documents_from_others) {
    const auto verifier = make_verifier(pool, settings());
    EXPECT_TRUE(children().empty()) << "a worker was started before it was needed";
    const std::string pdf = signer.signed_pdf("good");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, pdf),
              "1 signature, covering all " + std::to_string(pdf.size()) + " bytes");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::xades, signer.xades("good")),
              "1 signature, 1 signed part intact, 2 references not checked");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, signer.unsigned_pdf("plain")), "pdf_unsigned");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::xades, pdf), "xml_malformed");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, ""), "document_empty");
    EXPECT_EQ(children().size(), 1U);
}

TEST_F(VerifierPoolTest, leaves_the_descriptor_as_it_was) {
    const auto verifier = make_verifier(pool, settings());
    const OpenFile file(directory, signer.signed_pdf("offset"));
    lseek(file.descriptor(), 77, SEEK_SET);
    EXPECT_TRUE(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), file.size()).starts_with("1 signature"));
    EXPECT_EQ(lseek(file.descriptor(), 0, SEEK_CUR), 77);
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), file.size() + 1), "document_size");
}

TEST_F(VerifierPoolTest, eight_callers_share_two_workers_for_a_thousand_documents) {
    const auto verifier = make_verifier(pool, settings());
    const OpenFile pdf(directory, signer.signed_pdf("many"));
    const OpenFile xml(directory, signer.xades("many"));
    for (int caller = 0; caller < 4; ++caller) {
        spawn(check_often(*verifier, DocumentKind::pades, pdf, 125));
        spawn(check_often(*verifier, DocumentKind::xades, xml, 125));
    }
    run();
    EXPECT_EQ(outcomes.size(), 1'000U);
    for (const std::string& outcome : outcomes)
        EXPECT_TRUE(outcome.starts_with("1 signature")) << outcome;
    EXPECT_LE(children().size(), 2U);
}

TEST_F(VerifierPoolTest, a_worker_is_replaced_after_its_share) {
    VerifierSettings few = settings();
    few.workers = 1;
    few.documents_per_worker = 3;
    const auto verifier = make_verifier(pool, few);
    const OpenFile xml(directory, signer.xades("share"));
    spawn(check_often(*verifier, DocumentKind::xades, xml, 2));
    run();
    const std::vector<pid_t> first = children();
    ASSERT_EQ(first.size(), 1U);
    spawn(check_often(*verifier, DocumentKind::xades, xml, 2));
    run();
    EXPECT_NE(children(), first);
    EXPECT_EQ(outcomes, std::vector<std::string>(4, "1 signature, 1 signed part intact, 2 references not checked"));
}

TEST_F(VerifierPoolTest, a_worker_that_died_idle_costs_nothing) {
    const auto verifier = make_verifier(pool, settings());
    const std::string xml = signer.xades("idle");
    outcome_of(*verifier, DocumentKind::xades, xml);
    for (const pid_t worker : children()) {
        kill(worker, SIGKILL);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(worker), &info, WEXITED | WNOWAIT);
    }
    EXPECT_TRUE(outcome_of(*verifier, DocumentKind::xades, xml).starts_with("1 signature"));
}

TEST_F(VerifierPoolTest, signals_of_the_terminal_do_not_end_a_worker) {
    const auto verifier = make_verifier(pool, settings());
    const std::string xml = signer.xades("signals");
    outcome_of(*verifier, DocumentKind::xades, xml);
    const std::vector<pid_t> before = children();
    for (const pid_t worker : before) {
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            kill(worker, number);
    }
    EXPECT_TRUE(outcome_of(*verifier, DocumentKind::xades, xml).starts_with("1 signature"));
    EXPECT_EQ(children(), before);
}

TEST_F(VerifierPoolTest, a_document_that_ends_its_worker_is_refused_and_the_next_is_not) {
    const auto verifier = make_verifier(pool, odd());
    const OpenFile file(directory, "anything");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), 9), "fine");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), 1), "verifier_crashed");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), 9), "fine");
}

TEST_F(VerifierPoolTest, an_answer_out_of_form_ends_the_worker) {
    const auto verifier = make_verifier(pool, odd());
    const OpenFile file(directory, "anything");
    for (const std::uint64_t oddity : {2U, 4U, 5U, 6U})
        EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), oddity), "verifier_crashed");
    EXPECT_TRUE(children().empty());
}

TEST_F(VerifierPoolTest, a_worker_that_hangs_is_ended) {
    VerifierSettings impatient = odd();
    impatient.timeout = 2s;
    const auto verifier = make_verifier(pool, impatient);
    const OpenFile file(directory, "anything");
    EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), 3), "verifier_down");
    EXPECT_TRUE(children().empty());
}

TEST_F(VerifierPoolTest, a_missing_or_broken_program_is_reported_as_down) {
    const OpenFile file(directory, "anything");
    for (const char* program : {"/nonexistent/signwatch-verifier", "/bin/false"}) {
        const auto verifier = make_verifier(pool, VerifierSettings{program});
        EXPECT_EQ(outcome_of(*verifier, DocumentKind::pades, file.descriptor(), file.size()), "verifier_down");
    }
    EXPECT_TRUE(children().empty());
}

TEST(WorkerProcess, inherits_nothing_that_is_open_here) {
    const int left_open = fcntl(STDIN_FILENO, F_DUPFD, worker_socket + 1);  // the first that is free: no close-on-exec
    ASSERT_GE(left_open, 0);
    EXPECT_NO_THROW(WorkerProcess(SIGNWATCH_ODD_WORKER, 20s));
    close(left_open);
}

TEST(WorkerProcess, killed_over_a_document_counts_against_the_document) {
    const signwatch::testing::TempDir directory;
    const OpenFile file(directory, "%PDF-1.7 %%EOF");
    WorkerProcess worker(SIGNWATCH_VERIFIER, 20s);
    kill(worker.pid(), SIGSTOP);
    ASSERT_TRUE(worker.send(DocumentKind::pades, file.descriptor(), file.size()));
    kill(worker.pid(), SIGKILL);
    try {
        worker.receive(20s);
        FAIL() << "a dead worker answered";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::integrity);
        EXPECT_EQ(error.code(), "verifier_crashed");
    }
}

// A gibibyte out of some kilobytes: the jail's memory limit answers, or the CPU timer. Without it a sanitizer build
// gets less.
TEST_F(VerifierPoolTest, a_decompression_bomb_is_contained) {
    VerifierSettings patient = settings();
    patient.timeout = 100s;
    const auto verifier = make_verifier(pool, patient);
    const std::string bomb = flate_bomb(jail_is_complete() ? 1UL << 30U : 16UL << 20U);
    EXPECT_LT(bomb.size(), 200'000U);
    const std::string outcome = outcome_of(*verifier, DocumentKind::pades, bomb);
    if (jail_is_complete())
        EXPECT_EQ(outcome, "pdf_malformed");
    else
        EXPECT_EQ(outcome, "pdf_unsigned");
    EXPECT_TRUE(outcome_of(*verifier, DocumentKind::xades, signer.xades("after")).starts_with("1 signature"));
}

TEST(Jail, leaves_nothing_to_a_worker_that_was_taken_over) {
    // The probe may write into a pipe, but not into a file.
    const auto result = signwatch::testing::run({"sh", "-c", "\"$1\" | cat", "sh", SIGNWATCH_JAIL_PROBE});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    if (jail_is_complete()) {
        EXPECT_EQ(result.output, "jail complete: yes\n");
    } else {
        std::cout << "sanitizer build, relaxed jail:\n" << result.output;
        EXPECT_TRUE(result.output.ends_with("jail complete: no\n"));
    }
}

}  // namespace
}  // namespace signwatch::verify
