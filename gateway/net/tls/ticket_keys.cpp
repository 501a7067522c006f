#include "gateway/net/tls/ticket_keys.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/tls/context_data.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace gatehouse::gateway {
namespace {

// The newest, and the one before it: a ticket is good for one rotation.
constexpr std::size_t kept_keys = 2;

template <class Bytes>
bool fill(Bytes& bytes) noexcept
{
    return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

int prepare(const TicketKeys::Key& key, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
            int sealing)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(
            OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac.data()), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    const bool ready =
        EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
        EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, sealing) == 1;
    return ready ? 1 : -1;
}

// What a callback of OpenSSL says: SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
constexpr int no_ticket = 0;
constexpr int renew_ticket = 2;

int seal_or_open(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                 EVP_MAC_CTX* mac, int sealing)
{
    const auto& keys = ContextData<TicketKeys>::of(SSL_get_SSL_CTX(ssl));
    if (keys == nullptr) return no_ticket;
    const auto now = std::chrono::steady_clock::now();
    if (sealing == 1) {
        const auto key = keys->to_seal(now);
        constexpr int iv_bytes = 16;
        if (!key || RAND_bytes(iv, iv_bytes) != 1) return no_ticket;
        std::ranges::copy(key->name, name);
        return prepare(*key, iv, cipher, mac, sealing);
    }
    const auto found = keys->to_open(name, now);
    if (!found) return no_ticket;
    const int ready = prepare(found->key, iv, cipher, mac, sealing);
    return ready == 1 && !found->current ? renew_ticket : ready;
}

} // namespace

TicketKeys::TicketKeys(std::chrono::seconds rotation) : rotation_(rotation) {}

TicketKeys::~TicketKeys()
{
    for (auto& key : keys_) OPENSSL_cleanse(&key, sizeof key);
}

void TicketKeys::rotate(Time now)
{
    if (!keys_.empty() && now - keys_.front().since < rotation_) return;
    Key next;
    if (!fill(next.name) || !fill(next.cipher) || !fill(next.mac)) return; // later
    next.since = now;
    keys_.reserve(kept_keys + 1); // they are moved nowhere, so none is left behind
    keys_.insert(keys_.begin(), next);
    OPENSSL_cleanse(&next, sizeof next);
    if (keys_.size() <= kept_keys) return;
    OPENSSL_cleanse(&keys_.back(), sizeof keys_.back());
    keys_.pop_back();
}

std::optional<TicketKeys::Key> TicketKeys::to_seal(Time now)
{
    const std::scoped_lock lock(mutex_);
    rotate(now);
    const bool fresh = !keys_.empty() && now - keys_.front().since < rotation_;
    return fresh ? std::optional(keys_.front()) : std::nullopt;
}

std::optional<TicketKeys::Found> TicketKeys::to_open(const unsigned char* name, Time now)
{
    const std::scoped_lock lock(mutex_);
    rotate(now);
    for (const auto& key : keys_) {
        if (CRYPTO_memcmp(key.name.data(), name, key.name.size()) != 0) continue;
        // Nobody connected for a long time, and so nobody rotated.
        const bool old = now - key.since >= 2 * rotation_;
        if (enforced("tls.old_ticket") && old) return std::nullopt;
        return Found{key, &key == &keys_.front()};
    }
    return std::nullopt;
}

void TicketKeys::rotate_every(std::chrono::seconds rotation)
{
    const std::scoped_lock lock(mutex_);
    rotation_ = rotation;
}

std::chrono::seconds TicketKeys::rotation() const
{
    const std::scoped_lock lock(mutex_);
    return rotation_;
}

void use_ticket_keys(SSL_CTX& context, std::shared_ptr<TicketKeys> keys)
{
    SSL_CTX_set_timeout(&context, keys->rotation().count());
    ContextData<TicketKeys>::give(context, std::move(keys));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, &seal_or_open);
}

} // namespace gatehouse::gateway
