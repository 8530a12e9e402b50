#pragma once

#include <string_view>

/// What is fuzzed: each takes one input whole, and aborts if it makes the program break a promise. Not thread-safe.
namespace signwatch::fuzz {

/// The bytes of one connection to the inbound listener.
void inbound_http(std::string_view bytes);

/// The body of one webhook notification of Adobe Acrobat Sign.
void adobe_webhook(std::string_view body);

/// The body of one webhook of ArqSign.
void arqsign_webhook(std::string_view body);

}  // namespace signwatch::fuzz
