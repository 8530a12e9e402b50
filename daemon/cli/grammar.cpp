#include "daemon/cli/grammar.hpp"

#include <deque>

#include <CLI/CLI.hpp>

#include "core/config/nearest.hpp"
#include "core/domain/names.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/exit_code.hpp"
#include "daemon/cli/help.hpp"
#include "daemon/cli/option_values.hpp"
#include "daemon/cli/output.hpp"

namespace signwatch::cli {
namespace {

using CommandFunction = std::function<int(const Context&)>;

template <typename Enum>
std::vector<std::string> names_from(Enum first, Enum last) {
    std::vector<std::string> names;
    for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
        names.emplace_back(name_of(static_cast<Enum>(i)));
    }
    return names;
}

/// Builds the commands; the options of all of them live here while the command line is read.
class Grammar {
public:
    explicit Grammar(CLI::App& app) : app_(app) {
        app_.require_subcommand(1);
        app_.footer(help::program);
        app_.set_version_flag("--version", "signwatch " SIGNWATCH_VERSION);
        add_run();
        add_check_config();
        add_watch();
        add_process();
        add_document();
        add_events();
        add_store();
        add_migrate();
        add_status();
        add_reconcile();
        add_version();
    }

    CommandFunction chosen() const { return chosen_; }

private:
    template <typename Options>
    void choose(CLI::App* command, const Options& options, ExitCode (*function)(const Options&, const Context&)) {
        command->callback([this, &options, function] {
            chosen_ = [options, function](const Context& context) {
                return static_cast<int>(function(options, context));
            };
        });
    }

    static CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& about) {
        CLI::App* const group = parent.add_subcommand(name, about);
        group->require_subcommand(1);
        return group;
    }

    static CLI::App* add_command(CLI::App& parent,
                                 const std::string& name,
                                 const std::string& about,
                                 const char* examples) {
        CLI::App* const command = parent.add_subcommand(name, about);
        command->footer(examples);
        return command;
    }

    static void add_config(CLI::App* command, std::string& path) {
        command->add_option("-c,--config", path, "configuration file")->type_name("FILE")->capture_default_str();
    }

    static void add_common(CLI::App* command, StoreOptions& options) {
        add_config(command, options.config_path);
        command->add_option("--store", options.store, "directory of the store; the configuration is not read")
            ->type_name("DIR");
        command->add_flag("--json", options.json, "answer in JSON");
    }

    static void add_account(CLI::App* command, std::string& account, bool required) {
        command->add_option("account", account, "name of the account")->required(required)->type_name("ACCOUNT");
    }

    static void add_process_id(CLI::App* command, std::string& process, bool required) {
        command->add_option("process", process, "the provider's id of the process")
            ->required(required)
            ->type_name("PROCESS");
    }

    template <typename Number>
    static void add_limit(CLI::App* command, Number& limit) {
        command->add_option("--limit", limit, "at most so many")
            ->type_name("N")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str();
    }

    void add_run() {
        auto* const command = add_command(app_, "run", "Run the daemon in the foreground", help::run);
        add_config(command, run_.config_path);
        command->add_option("--log-level", run_.log_level, "instead of the configuration's")
            ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
        command->add_option("--log-format", run_.log_format, "instead of the configuration's")
            ->check(CLI::IsMember({"json", "text"}));
        command
            ->add_option_function<std::string>(
                "--kill-at", [this](const std::string& text) { run_.kill_at = parse_kill_point(text); }, "for tests")
            ->group("");
        command->add_option("--time-lapse", run_.time_lapse, "for tests")->check(CLI::Range(1.0, 1e6))->group("");
        command->callback(
            [this] { chosen_ = [options = run_](const Context& context) { return context.run(options); }; });
    }

    void add_check_config() {
        auto* const command = add_command(
            app_, "check-config", "Check the configuration without touching the network", help::check_config);
        add_config(command, check_config_.config_path);
        command
            ->add_option_function<std::string>(
                "--format", [this](const std::string& word) { check_config_.json = word == "json"; }, "text or json")
            ->check(CLI::IsMember({"text", "json"}));
        command->add_flag("--json", check_config_.json, "the same as --format json");
        choose(command, check_config_, check_config);
    }

    void add_watch() {
        auto* const group = add_group(app_, "watch", "What is polled, and when next");
        auto* const list = add_command(*group, "list", "All watches", help::watch_list);
        add_common(list, watch_.common);
        list->add_option("--account", watch_.account, "of this account only")->type_name("ACCOUNT");
        add_limit(list, watch_.limit);
        choose(list, watch_, list_watches);
        auto* const show = add_command(*group, "show", "One watch", help::watch_show);
        add_common(show, watch_.common);
        add_account(show, watch_.account, true);
        show->add_option("watch", watch_.target, "such as portal/loans")->required()->type_name("WATCH");
        choose(show, watch_, show_watch);
    }

    void add_process() {
        auto* const group = add_group(app_, "process", "Signing processes and how far they have come");
        add_process_list(*group);
        auto* const show =
            add_command(*group, "show", "One process: signers, documents, updates, history", help::process_show);
        add_common(show, process_.common);
        add_account(show, process_.account, true);
        add_process_id(show, process_.process_id, true);
        choose(show, process_, show_process);
        add_process_add(*group);
        add_process_order(*group, "remove", "Follow it no more; its record and documents stay", ProcessOrder::remove);
        add_process_order(*group, "pause", "Look at it no more until it is resumed", ProcessOrder::pause);
        add_process_order(*group, "resume", "Look at it again, now and then as usual", ProcessOrder::resume);
        add_process_order(*group, "poll-now", "Look at it now, out of turn", ProcessOrder::poll_now);
        auto* const retry = add_command(*group, "retry", "Let parked updates start afresh", help::process_retry);
        add_common(retry, process_.common);
        add_account(retry, process_.account, true);
        add_process_id(retry, process_.process_id, false);
        choose(retry, process_, retry_processes);
    }

    void add_process_add(CLI::App& group) {
        auto* const add = add_command(group, "add", "Register processes to be followed", help::process_add);
        auto& options = register_;
        add_config(add, options.common.config_path);
        add->add_flag("--json", options.common.json, "answer in JSON");
        add_account(add, options.account, false);
        add_process_id(add, options.process_id, false);
        add->add_option("--correlation-id", options.correlation_id, "your own id for it")->type_name("ID");
        add->add_option("--deadline", options.deadline, "report it as expired then")->type_name("TIME");
        add->add_option("--interval", options.interval, "between two looks")->type_name("DURATION");
        add->add_option("--label", options.labels, "NAME=VALUE, up to 8 times")->type_name("LABEL");
        add->add_option("--file", options.file, "many of them: JSON Lines or CSV; - is standard input")
            ->type_name("FILE")
            ->excludes("--correlation-id");
        choose(add, options, add_processes);
    }

    void add_process_order(CLI::App& group, const char* name, const char* about, ProcessOrder order) {
        auto* const command = add_command(group, name, about, help::process_order);
        auto& options = orders_.emplace_back();
        options.order = order;
        add_common(command, options.process.common);
        add_account(command, options.process.account, true);
        add_process_id(command, options.process.process_id, true);
        choose(command, options, order_process);
    }

    void add_process_list(CLI::App& group) {
        auto* const list = add_command(group, "list", "Processes, the last changed first", help::process_list);
        auto& filter = process_list_.filter;
        add_common(list, process_list_.common);
        list->add_option("--account", filter.account, "of this account only")->type_name("ACCOUNT");
        list->add_option_function<std::string>(
                "--state",
                [&](const std::string& word) { filter.state = from_name<ProcessState>(word); },
                "in this state only")
            ->check(CLI::IsMember(names_from(ProcessState::created, ProcessState::unknown)));
        list->add_option_function<std::string>(
                "--stage",
                [&](const std::string& word) { filter.stage = from_name<Stage>(word); },
                "at this stage only")
            ->check(CLI::IsMember(names_from(Stage::received, Stage::parked)));
        list->add_option("--correlation-id", filter.correlation_id, "with this correlation id")->type_name("ID");
        add_limit(list, filter.limit);
        list->add_option("--offset", filter.offset, "leave out the first")->type_name("N");
        choose(list, process_list_, list_processes);
    }

    void add_document() {
        auto* const group = add_group(app_, "document", "Stored documents");
        auto* const list = add_command(*group, "list", "Documents, with size and hash", help::document_list);
        add_common(list, document_list_.common);
        add_account(list, document_list_.account, false);
        add_process_id(list, document_list_.process_id, false);
        add_limit(list, document_list_.limit);
        choose(list, document_list_, list_documents);

        auto* const get = add_command(*group, "get", "Copy a document out, checking its hash", help::document_get);
        add_common(get, document_get_.common);
        add_account(get, document_get_.account, true);
        add_process_id(get, document_get_.process_id, true);
        get->add_option_function<std::string>(
               "--kind",
               [this](const std::string& word) { document_get_.kind = from_name<DocumentKind>(word); },
               "which")
            ->check(CLI::IsMember(names_from(DocumentKind::pades, DocumentKind::form_data)));
        get->add_option(
               "--participant", document_get_.participant, "number of the signer; 0: of the process as a whole")
            ->type_name("N");
        get->add_option("-o,--output", document_get_.output, "where to; - is standard output")
            ->required()
            ->type_name("FILE");
        choose(get, document_get_, get_document);
    }

    void add_events() {
        auto* const group = add_group(app_, "events", "Events published to Redis, from our own record");
        auto* const list = add_command(*group, "list", "Events in the order of the stream", help::events_list);
        add_common(list, event_list_.common);
        list->add_option_function<std::string>(
                "--after",
                [this](const std::string& text) { event_list_.after = parse_entry(text); },
                "behind this entry")
            ->type_name("ENTRY");
        add_limit(list, event_list_.limit);
        choose(list, event_list_, list_events);

        auto* const tail =
            add_command(*group, "tail", "Each event when it is published and confirmed", help::events_tail);
        add_common(tail, event_tail_.common);
        tail->add_option_function<std::string>(
                "--from",
                [this](const std::string& word) { event_tail_.from_beginning = word == "beginning"; },
                "(default: now)")
            ->check(CLI::IsMember({"beginning", "now"}));
        tail->add_option("--count", event_tail_.count, "end after so many")
            ->type_name("N")
            ->check(CLI::Range(1, 1'000'000'000));
        tail->add_option_function<double>(
                "--timeout",
                [this](double seconds) {
                    event_tail_.timeout = milliseconds{static_cast<std::int64_t>(seconds * 1'000)};
                },
                "end after so many seconds")
            ->type_name("SECONDS")
            ->check(CLI::Range(0.0, 1e9));
        choose(tail, event_tail_, tail_events);
    }

    void add_store() {
        auto* const group = add_group(app_, "store", "The store as a whole");
        auto* const copy =
            add_command(*group, "copy", "Move the record and its documents to another place", help::store_copy);
        copy->add_option("--from", copy_.from, "configuration that is left")->required()->type_name("FILE");
        copy->add_option("--to", copy_.to, "configuration that is moved to")->required()->type_name("FILE");
        copy->add_flag("--abandon", copy_.abandon, "take back a record that has not moved to the end");
        copy->add_flag("--json", copy_.json, "answer in JSON");
        copy->add_option_function<std::string>(
                "--kill-at",
                [this](const std::string& text) { copy_.kill_at = parse_move_kill_point(text); },
                "for tests")
            ->group("");
        choose(copy, copy_, copy_store);
    }

    void add_status() {
        auto* const command = add_command(app_, "status", "Is the daemon well, and what is outstanding", help::status);
        add_common(command, status_.common);
        command
            ->add_option_function<std::string>(
                "--internal",
                [this](const std::string& text) { status_.internal = parse_address(text); },
                "the daemon's internal listener, instead of the configuration's")
            ->type_name("ADDRESS");
        choose(command, status_, show_status);
    }

    void add_migrate() {
        auto* const group = add_group(app_, "migrate", "The schema of the state store");
        const auto add = [&](const char* name, const char* about, MigrateStep step) {
            auto* const command = add_command(*group, name, about, help::migrate);
            MigrateOptions& options = migrations_.emplace_back();
            options.step = step;
            add_common(command, options.common);
            choose(command, options, migrate);
        };
        add("status", "Whether a migration is missing", MigrateStep::status);
        add("plan", "Which migrations are missing", MigrateStep::plan);
        add("up", "Apply what is missing", MigrateStep::up);
    }

    void add_reconcile() {
        auto* const command = add_command(
            app_, "reconcile", "Compare the record with documents, stream, schedule and budgets", help::reconcile);
        add_config(command, reconcile_.config_path);
        command->add_flag("--repair", reconcile_.repair, "mend what can be mended");
        command->add_flag("--quick", reconcile_.quick, "compare sizes of documents, not their bytes");
        command->add_flag("--json", reconcile_.json, "answer in JSON");
        choose(command, reconcile_, reconcile);
    }

    void add_version() {
        auto* const command = add_command(app_, "version", "Version of this program", "");
        command->add_flag("--json", version_json_, "answer in JSON");
        command->callback([this] {
            chosen_ = [json = version_json_](const Context& context) {
                return static_cast<int>(show_version(json, context));
            };
        });
    }

    CLI::App& app_;
    CommandFunction chosen_;
    RunOptions run_{default_config, {}, {}, {}};
    CheckConfigOptions check_config_;
    WatchOptions watch_;
    CopyOptions copy_;
    RegisterOptions register_;
    std::deque<OrderOptions> orders_;
    std::deque<MigrateOptions> migrations_;
    ProcessListOptions process_list_;
    ProcessOptions process_;
    DocumentListOptions document_list_;
    DocumentGetOptions document_get_;
    EventListOptions event_list_;
    EventTailOptions event_tail_;
    StatusOptions status_;
    ReconcileOptions reconcile_;
    bool version_json_ = false;
};

// CLI11 says no more than that a command is missing; a person who mistyped one wants to know which.
std::string unknown_command(const CLI::App& app) {
    const auto words = app.remaining(true);
    if (words.empty()) return "";
    const CLI::App* parent = &app;
    while (!parent->get_subcommands().empty())
        parent = parent->get_subcommands().front();
    std::vector<std::string> names;
    for (const auto* command : parent->get_subcommands({}))
        names.push_back(command->get_name());
    const auto meant = config::nearest(words.front(), names);
    return "there is no command " + printable(words.front()) + (meant ? ", did you mean " + *meant + "?" : "");
}

int explain(const CLI::App& app, const CLI::ParseError& error, std::ostream& out, std::ostream& err) {
    const bool is_required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    const auto unknown = is_required ? unknown_command(app) : "";
    if (!unknown.empty()) {
        err << unknown << "\nRun with --help for more information.\n";
        return static_cast<int>(ExitCode::usage);
    }
    return static_cast<int>(app.exit(error, out, err) == 0 ? ExitCode::ok : ExitCode::usage);
}

}  // namespace

Meaning parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
    CLI::App app("signwatch polls e-signature providers, keeps the signed documents and tells about them in Redis.",
                 "signwatch");
    const Grammar grammar(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {nullptr, explain(app, error, out, err)};
    }
    return {grammar.chosen(), 0};
}

}  // namespace signwatch::cli
