#pragma once

#include "core/state/postgres/server.hpp"

namespace signwatch::testing {

/// A database with our tables for one test, on a cluster that all tests of the program share; dropped when destroyed.
/// What survives a crash of the server is for postgres_test to see.
class FreshDatabase {
public:
    FreshDatabase();
    ~FreshDatabase();
    FreshDatabase(const FreshDatabase&) = delete;
    FreshDatabase& operator=(const FreshDatabase&) = delete;

    const postgres::Server& server() const { return server_; }

private:
    postgres::Server server_;
};

}  // namespace signwatch::testing
