#pragma once

#include <string>
#include <vector>

namespace signwatch::state {

/// Which schema a record has (0: there is none yet), and the names of the migrations that it lacks.
struct SchemaState {
    int version = 0;
    std::vector<std::string> missing;
};

}  // namespace signwatch::state
