#pragma once

#include <cstddef>
#include <ios>
#include <ostream>
#include <string>

namespace signwatch::cli {

/// How far a long command has come, on one line of a terminal; silent where there is none.
class ProgressBar {
public:
    /// `file` is what is read: its size is the whole; "-": the whole is not known. `items` names what is
    /// counted.
    ProgressBar(std::ostream& out, const std::string& file, std::string items = "processes");
    /// `whole`: so many items; 0: not known.
    ProgressBar(std::ostream& out, std::size_t whole, std::string items);

    /// `done` items, `position` of the whole (bytes into the file, or items); -1: not known.
    void show(std::size_t done, std::streamoff position);
    void finish(std::size_t done);

private:
    std::ostream& out_;
    std::string items_;
    bool terminal_;
    std::streamoff whole_ = 0;
};

}  // namespace signwatch::cli
