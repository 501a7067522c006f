#include "tests/gateway/support/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace gatehouse::gateway::test {

TlsPeer::TlsPeer(SslPtr ssl) : ssl_(std::move(ssl))
{
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_clear_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION); // it may try
}

bool TlsPeer::shake_hands()
{
    const bool done = SSL_do_handshake(ssl_.get()) == 1;
    ERR_clear_error();
    return done;
}

bool TlsPeer::write(std::string_view text)
{
    std::size_t written = 0;
    while (!text.empty() && SSL_write_ex(ssl_.get(), text.data(), text.size(), &written) == 1) {
        text.remove_prefix(written);
    }
    ERR_clear_error();
    return text.empty();
}

std::string TlsPeer::read()
{
    std::string all;
    std::array<char, 4096> room{};
    std::size_t got = 0;
    while (SSL_read_ex(ssl_.get(), room.data(), room.size(), &got) == 1) {
        all.append(room.data(), got);
    }
    ERR_clear_error();
    return all;
}

bool TlsPeer::has_ended() const
{
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string TlsPeer::take_records()
{
    std::string all;
    std::array<char, 4096> room{};
    int got = 0;
    while ((got = BIO_read(SSL_get_wbio(ssl_.get()), room.data(), room.size())) > 0) {
        all.append(room.data(), static_cast<std::size_t>(got));
    }
    return all;
}

void TlsPeer::give_records(std::string_view records)
{
    BIO_write(SSL_get_rbio(ssl_.get()), records.data(), static_cast<int>(records.size()));
}

} // namespace gatehouse::gateway::test
