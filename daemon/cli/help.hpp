#pragma once

/// What stands below the options in --help: examples, and for the program the exit codes.
namespace signwatch::cli::help {

constexpr const char* program = R"(Every command has a --help of its own, with examples.

Exit codes:
  0  it worked
  1  it did not work, for a reason that none of the others names
  2  the command line cannot be understood
  3  the configuration has mistakes
  4  something is not there: the daemon, the store, the disk
  5  stored bytes or rows are not what they claim to be
)";

constexpr const char* run = R"(Examples:
  signwatch run
  signwatch run --config ./signwatch.toml --log-format text

SIGTERM ends it when everything in flight is done or recorded, SIGHUP reloads the configuration.
)";

constexpr const char* check_config = R"(Examples:
  signwatch check-config
  signwatch check-config --config ./signwatch.toml --format json

Reads the file, conf.d/*.toml beside it and the certificates they name, and opens no socket.
Every mistake is shown as file:line:column with what to do about it; the exit code is then 3.
)";

constexpr const char* watch_list = R"(Examples:
  signwatch watch list
  signwatch watch list --account bank --json
)";

constexpr const char* watch_show = R"(Examples:
  signwatch watch show bank portal
  signwatch watch show bank portal/loans --json
)";

constexpr const char* process_list = R"(Examples:
  signwatch process list
  signwatch process list --account bank --state completed --limit 20
  signwatch process list --stage parked
  signwatch process list --correlation-id order-4711 --json
)";

constexpr const char* process_add = R"(Examples:
  signwatch process add signhub 4711 --correlation-id loan-17
  signwatch process add signhub 4711 --correlation-id loan-17 --deadline 2026-12-24T18:00:00Z --interval 10m --label branch=Oslo
  signwatch process add --file processes.csv
  jq -c .[] processes.json | signwatch process add --file -

Saying the same again changes nothing; another correlation id for a known process is refused.
CSV needs a heading: account,process_id,correlation_id and optionally deadline,interval,label.NAME.
JSON Lines: {"account":"signhub","processId":"4711","correlationId":"loan-17","labels":{"branch":"Oslo"}}
)";

constexpr const char* process_order = R"(Example:
  signwatch process poll-now signhub 4711
)";

constexpr const char* process_show = R"(Example:
  signwatch process show bank 1234567
)";

constexpr const char* process_retry = R"(Examples:
  signwatch process retry bank 1234567
  signwatch process retry bank            (every parked update of the account)
)";

constexpr const char* document_list = R"(Examples:
  signwatch document list
  signwatch document list bank 1234567 --json
)";

constexpr const char* document_get = R"(Examples:
  signwatch document get bank 1234567 --kind pades -o contract.pdf
  signwatch document get bank 1234567 --kind xades --participant 2 -o - | xmllint --format -

The file appears whole and with the right hash, or not at all (exit code 5 if the stored bytes are damaged).
)";

constexpr const char* events_list = R"(Examples:
  signwatch events list --limit 20
  signwatch events list --after 1772618531120-0 --json
)";

constexpr const char* events_tail = R"(Examples:
  signwatch events tail
  signwatch events tail --from beginning --count 10 --timeout 60
  signwatch events tail --json | jq .status

Shows time, entry id, job, status, documents and whether the provider has our confirmation. With --count and --timeout
the exit code is 1 if fewer events came in time. With --json each event is one line.
)";

constexpr const char* store_copy = R"(Examples:
  signwatch store copy --from /etc/signwatch/signwatch.toml --to ./postgres-and-bucket.toml
  signwatch store copy --from /etc/signwatch/signwatch.toml --to ./postgres-and-bucket.toml --abandon

Moves what the two configurations keep in different places. Stop the daemon first: a store in use is refused.

Documents: copies those that the second place lacks, then reads every one of them there and checks its hash. The first
place keeps its own. What the record and earlier events say about where a document is stays as it was.

Record, from SQLite to PostgreSQL: the database must be empty. All rows are copied, all are compared, and then the daemon
goes on from the new place alone: the old record is history, and no command works on it any more. Until the end no daemon
starts on either. After an interruption, run it again: it goes on. Or take the record back with --abandon.
)";

constexpr const char* migrate = R"(Examples:
  signwatch migrate status
  signwatch migrate up

The daemon applies what is missing when it starts. Status: the exit code is 4 while something is missing.
)";

constexpr const char* status = R"(Examples:
  signwatch status
  signwatch status --json

The exit code is 4 if the daemon cannot be reached.
)";

constexpr const char* reconcile = R"(Examples:
  signwatch reconcile
  signwatch reconcile --repair --json
  signwatch reconcile --quick             (sizes of documents only)

The exit code is 5 if something is wrong; with --repair, if something is that could not be mended or put on its way.
Right while the daemon runs and while it does not. Repair removes orphaned documents and orders all else: the daemon
fetches, looks and publishes in its turn, within its budgets; if it does not run, when it starts.
)";

}  // namespace signwatch::cli::help
