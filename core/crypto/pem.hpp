#pragma once

#include <string>

/// What is wrong with PEM files, in words that stand behind the file's name; empty: nothing, or it cannot be opened.
/// Nothing of their content is told. They are read in the calling thread.
namespace signwatch::crypto {

/// A certificate and its chain: the first must not have expired.
std::string certificate_mistake(const std::string& file);

/// A private key without a password. `certificate_file`: the key must belong to its first certificate; empty, or none
/// is in there: any key will do.
std::string key_mistake(const std::string& file, const std::string& certificate_file);

/// Certificates of authorities, one at least.
std::string authorities_mistake(const std::string& file);

}  // namespace signwatch::crypto
