#include "core/http/hostile_urls.hpp"

#include <string_view>

namespace signwatch::http::testing {

namespace {

using Urls = std::vector<std::string>;

// clang-format off

/// Hosts that are not spelled "localhost", most of them ways to say 127.0.0.1 or ::1.
constexpr std::string_view other_hosts[] = {
    "127.0.0.1", "127.1", "127.0.1", "127.000.000.001", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7F.1",
    "0177.0.0.1", "0177.1", "017700000001", "00000177.0.0.1", "127.0.0.1.", "127.00.0.0x1", "0", "0.0.0.0",
    "127.127.127.127", "127.0.0.2", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]", "[::1%lo]", "[fe80::1]", "[::1]x", "[::1", "::1",
    "[localhost]", "[127.0.0.1]", "[v1.localhost]", "169.254.169.254", "0xa9fea9fe", "2852039166",
    "metadata.google.internal", "[fd00:ec2::254]", "10.0.0.1", "192.168.0.1", "192.0.2.1", "example.org",
    "localhost.", "localhost..", ".localhost", "localhost.localdomain", "localhost.example.org", "sub.localhost",
    "localhost%2e", "localhost%00", "localhost%00.example.org", "localhost%20", "localhost%09", "localhost%0d%0a",
    "%6cocalhost", "%6c%6f%63%61%6c%68%6f%73%74", "local%68ost", "local%2568ost", "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1", "%32130706433", "localhost%40", "localhost%3a", "localhost%2f", "localhost%23",
    "localhost%3f", "localhost%5c", "localhost%40example.org", "example.org%40localhost", "ｌｏｃａｌｈｏｓｔ", "locaIhost",
    "lоcalhost", "localhoﬆ", "localhost。", "localhost．", "ⓛocalhost", "①②⑦.⓪.⓪.①", "xn--lcalhost-9jg",
    "xn--localhost-", "loc\xC2\xAD" "alhost", "localhost\xE2\x80\x8B", "\xE2\x80\xAElocalhost", "localhost\xFF",
    "LOCALH\xC3\x98ST", "local host", "local_host", "localhost,example.org", "localhost;example.org",
    "localhost&example.org", "localhost'", "localhost\"", "localhost<", "localhost>", "localhost|", "localhost`",
    "localhost^", "localhost{}", "localhost$", "localhost!", "localhost*", "*", "localhost(1)", "localhost+",
    "localhost=", "localhost~", "-", "localhost-", "-localhost", "l", "localhos", "localhostx",
    "localhostlocalhost", "127.0.0.1.nip.io", "localtest.me", "ip6-localhost", "localhost4", "127.0.0.256",
    "127.0.0.-1", "0x7f.0x0.0x0.0x1", "0x100000000", "4294967297", "1.2.3.4.5",
};

/// What may stand between "https://" and the right host to make it another's user-info, and the reverse.
constexpr std::string_view user_infos[] = {
    "user@", "user:secret@", ":@", "@", "@@", "user:@", ":secret@", "example.org@", "u%40v@", "a@b@", "u;x=y@",
    "%00@", "localhost:443@", "localhost@", "[::1]@", "u:p:q@", "https://@", "localhost%3a@", "%@", "u\t@", "u\n@",
};

/// What may follow "https://localhost:PORT"; with the right port in front, all of it is wrong.
constexpr std::string_view suffixes[] = {
    "@example.org/", "@example.org:443/", ":443/", ":/", "0/", "/#fragment", "#", "#@example.org/",
    "\\@example.org/", "\\", "/\\x", "/ x", "/\tx", "/\rx", "/\nx", "/\r\nHost: example.org\r\n",
    "/x HTTP/1.1\r\nX: y", "/\x01", "/\x1f", "/\x7f", "/\xC3\xA6", "/\xFF", " /", "\t/", "\r/", "\n/", "%2f",
    "%2f@x/", "%40x/", "?\n", "/?q=\r\n", "/?q= ", "/?#x", ";/", "&x/", ",/", "*/", ".example.org/", "a/", "-1/",
};

constexpr std::string_view wrong_ports[] = {
    "", ":", ":0", ":1", ":443", ":80", ":65536", ":99999", ":-1", ":+443", ":0x1bb", ":4a", ":4 4", ":%34",
    ":99999999999999",
};

/// Complete URLs with another scheme or none, before "localhost:PORT/".
constexpr std::string_view schemes[] = {
    "http://", "HTTP://", "HTTPS://", "Https://", "httpS://", "ftp://", "ftps://", "file://", "gopher://",
    "dict://", "ldap://", "ldaps://", "smb://", "telnet://", "tftp://", "scp://", "sftp://", "ws://", "wss://",
    "imap://", "smtp://", "rtsp://", "mqtt://", "data:", "javascript:", "jar:https://", "view-source:https://",
    "url:https://", "https:", "https:/", "https:///", "https:////", "https:\\\\", "https:/\\", "https//",
    "https;//", "https ://", "https\t://", "ht\ttps://", " https://", "\thttps://", "\nhttps://",
    "\xEF\xBB\xBFhttps://", "https://https://", "https:https://", "//", "///", "/", "", "://", "httpss://",
    "xhttps://", "https+http://", "h2://", "https%3a//", "https://\t", "https:// ", "https://\r\n", "https:\n//",
};

// clang-format on

}  // namespace

std::vector<std::string> hostile_urls(const std::string& port) {
    Urls urls;
    const std::string here = "localhost:" + port;
    for (const auto host : other_hosts)
        urls.push_back("https://" + std::string(host) + ":" + port + "/");
    for (const auto user : user_infos)
        urls.push_back("https://" + std::string(user) + here + "/");
    for (const auto suffix : suffixes)
        urls.push_back("https://" + here + std::string(suffix));
    for (const auto wrong : wrong_ports)
        urls.push_back("https://localhost" + std::string(wrong) + "/");
    for (const auto scheme : schemes)
        urls.push_back(std::string(scheme) + here + "/");
    urls.push_back("https://" + here + "/" + std::string(10'000, 'a'));
    urls.push_back("https://" + std::string(10'000, 'a') + ":" + port + "/");
    urls.push_back("https://" + std::string(1'000'000, '@') + here + "/");
    urls.push_back(std::string("https://") + here + std::string("/\0x", 3));
    urls.push_back(std::string("https://localhost\0.example.org:", 31) + port + "/");
    urls.push_back("https://localhost:0" + port + "/");
    urls.push_back("https://localhost:%20" + port + "/");
    urls.push_back("https://localhost: " + port + "/");
    urls.push_back("https://localhost:" + port + "." + "/");
    urls.push_back("https://LOCALHOST.:" + port + "/");
    return urls;
}

}  // namespace signwatch::http::testing
