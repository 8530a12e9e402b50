#pragma once

namespace signwatch::postgres {

/// Throws the Error for the exception of libpqxx that is being handled. The text has PostgreSQL's code and no value of
/// ours: its own words may quote what was bound.
[[noreturn]] void throw_failure(bool connected);

/// Whether the exception being handled leaves open what has become of a COMMIT.
bool leaves_in_doubt(bool connected);

}  // namespace signwatch::postgres
