#include "auth/jose/hmac.hpp"

#include "auth/jose/algorithm.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <atomic>
#include <cstdlib>
#include <memory>

namespace gatehouse::auth::jose {

namespace {

struct ContextDeleter {
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

using Context = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

/// This thread's prepared contexts. A ring has an access and a refresh secret and a few old ones;
/// the slot that was filled longest ago makes room.
class PreparedContexts {
public:
    [[nodiscard]] EVP_MAC_CTX* of(std::uint64_t serial, const Secret& secret)
    {
        for (auto& slot : slots_) {
            if (slot.serial == serial) return slot.context.get();
        }
        auto& slot = slots_[oldest_];
        oldest_ = (oldest_ + 1) % slots_.size();
        slot.context = prepare(secret);
        slot.serial = serial;
        return slot.context.get();
    }

private:
    struct Slot {
        std::uint64_t serial = 0; // 0: empty
        Context context;
    };

    [[nodiscard]] static Context prepare(const Secret& secret)
    {
        Context context(EVP_MAC_CTX_new(hmac()));
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end(),
        };
        const auto key = secret.reveal();
        const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
        if (!context || EVP_MAC_init(context.get(), bytes, key.size(), parameters) != 1) {
            std::abort(); // out of memory
        }
        return context;
    }

    std::array<Slot, 8> slots_;
    std::size_t oldest_ = 0;
};

std::atomic<std::uint64_t> last_serial{0};

} // namespace

HmacSecret::HmacSecret(Secret secret) : secret_(std::move(secret)), serial_(++last_serial) {}

HmacSecret::Mac HmacSecret::mac(std::string_view input) const noexcept
{
    thread_local PreparedContexts contexts;
    auto* context = contexts.of(serial_, secret_);
    Mac result{};
    std::size_t written = 0;
    // A null key starts over with the one that is scheduled already.
    const bool done = EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(input.data()),
                                     input.size()) == 1 &&
                      EVP_MAC_final(context, reinterpret_cast<unsigned char*>(result.data()),
                                    &written, result.size()) == 1;
    if (!done || written != mac_bytes) std::abort(); // never answer with a MAC that is not one
    return result;
}

bool HmacSecret::verify(std::string_view input, std::string_view mac) const noexcept
{
    if (mac.size() != mac_bytes) return false;
    const auto expected = this->mac(input);
    const bool same = CRYPTO_memcmp(expected.data(), mac.data(), mac_bytes) == 0;
    return same || !enforced("jose.hmac");
}

} // namespace gatehouse::auth::jose
