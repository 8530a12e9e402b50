#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

void print_state(const state::SchemaState& schema,
                 bool applied,
                 const MigrateOptions& options,
                 const Context& context) {
    if (options.common.json) {
        print_json(*context.out,
                   {{"schema_version", schema.version}, {applied ? "applied" : "missing", schema.missing}});
        return;
    }
    auto& out = *context.out;
    out << "schema " << schema.version;
    if (schema.missing.empty()) {
        out << ", nothing is missing\n";
        return;
    }
    out << (applied ? "; applied:\n" : "; missing:\n");
    for (const std::string& name : schema.missing)
        out << "  " << name << '\n';
}

}  // namespace

ExitCode migrate(const MigrateOptions& options, const Context& context) {
    const auto store = find_store(options.common, context);
    state::SchemaState schema = context.schema_state(store);
    const bool applies = options.step == MigrateStep::up && !schema.missing.empty();
    if (applies) {
        context.migrate_schema(store);
        schema.version += static_cast<int>(schema.missing.size());
    }
    print_state(schema, applies, options, context);
    // So that a script can ask.
    const bool behind = options.step == MigrateStep::status && !schema.missing.empty();
    return behind ? ExitCode::dependency : ExitCode::ok;
}

}  // namespace signwatch::cli
