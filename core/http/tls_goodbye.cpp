#include "core/http/tls_goodbye.hpp"

#include <new>

#include <openssl/ssl.h>

namespace signwatch::http {

namespace {

using Flag = std::shared_ptr<bool>;

void free_flag(void*, void* flag, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<Flag*>(flag);
}

int flag_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_flag);
    return index;
}

void on_tls_event(const SSL* connection, int event, int alert) {
    if (event != SSL_CB_READ_ALERT || (alert & 0xff) != SSL_AD_CLOSE_NOTIFY) return;
    **static_cast<Flag*>(SSL_get_ex_data(connection, flag_index())) = true;
}

SSL* connection_of(CURL* easy) {
    const curl_tlssessioninfo* session = nullptr;
    curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session);
    return session == nullptr ? nullptr : static_cast<SSL*>(session->internals);
}

}  // namespace

std::shared_ptr<const bool> watch_for_goodbye(CURL* easy) {
    SSL* const connection = connection_of(easy);
    if (connection == nullptr) return nullptr;
    auto shared = std::make_unique<Flag>(std::make_shared<bool>(false));
    const std::unique_ptr<Flag> earlier(static_cast<Flag*>(SSL_get_ex_data(connection, flag_index())));
    if (SSL_set_ex_data(connection, flag_index(), shared.get()) != 1) throw std::bad_alloc();
    SSL_set_info_callback(connection, &on_tls_event);
    return *shared.release();
}

}  // namespace signwatch::http
