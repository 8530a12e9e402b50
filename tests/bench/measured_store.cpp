#include "tests/bench/measured_store.hpp"

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace signwatch::bench {

Arguments arguments_of(int count, char** texts) {
    Arguments arguments;
    arguments.words.assign(texts + 1, texts + count);
    std::vector<std::string>& words = arguments.words;
    if (words.size() < 2 || words[0] != "--store") return arguments;
    arguments.store = words[1];
    words.erase(words.begin(), words.begin() + 2);
    return arguments;
}

std::filesystem::path fresh_folder(const std::string& parent, const std::string& name) {
    ::setenv("TMPDIR", parent.c_str(), 1);
    std::string pattern = parent + "/" + name + ".XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
    return pattern;
}

std::unique_ptr<StoreMaker> stores_called(const std::string& word, const std::filesystem::path& directory) {
    if (word == "sqlite") return sqlite_stores(directory);
    if (word == "postgres") return postgres_stores();
    throw std::invalid_argument("a store is sqlite or postgres, not " + word);
}

}  // namespace signwatch::bench
