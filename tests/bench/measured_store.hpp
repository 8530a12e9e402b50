#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/domain/time.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"

/// Records that the benches make for themselves, of either kind, so that both are measured on the same path: the port.
namespace signwatch::bench {

/// Watches of single processes, all of the account "acme".
struct Filling {
    int watches = 0;
    WallTime from;      ///< the first is due
    milliseconds span;  ///< within which all are due, evenly; neighbours in time are far apart in the table `watch`
};

/// A fresh record, gone with everything in it when this is destroyed.
class MeasuredStore {
public:
    virtual ~MeasuredStore() = default;

    /// As a daemon opens it; closed before this is destroyed.
    virtual std::unique_ptr<StateStore> open(Progress& progress) = 0;
    /// Writes rows past the port, once, before the record is opened: nothing but what a claim and a settlement touch.
    virtual void fill(const Filling& filling) = 0;
    virtual double megabytes() const = 0;
    /// CPU milliseconds that processes of the store have used outside of ours.
    virtual double server_cpu() const = 0;
};

class StoreMaker {
public:
    virtual ~StoreMaker() = default;
    virtual std::unique_ptr<MeasuredStore> make() = 0;
    /// How the store is set up, where that matters; empty: as always.
    virtual std::string settings() const = 0;
};

/// Files in `directory`.
std::unique_ptr<StoreMaker> sqlite_stores(const std::filesystem::path& directory);
/// Databases of a private PostgreSQL under $TMPDIR, durable as by default. Throws if PostgreSQL is not installed.
std::unique_ptr<StoreMaker> postgres_stores();

/// By the word of a command line, "sqlite" or "postgres"; throws for others.
std::unique_ptr<StoreMaker> stores_called(const std::string& word, const std::filesystem::path& directory);

/// A command line: `--store KIND`, if it begins so, and the words behind it.
struct Arguments {
    std::string store = "sqlite";
    std::vector<std::string> words;
};
Arguments arguments_of(int count, char** texts);

/// A new folder in `parent`, which is $TMPDIR from then on. Throws std::system_error.
std::filesystem::path fresh_folder(const std::string& parent, const std::string& name);

}  // namespace signwatch::bench
