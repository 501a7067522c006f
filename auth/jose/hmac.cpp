#include "auth/jose/hmac.hpp"

#include "config/basics/enforced.hpp"

// Its functions for one digest are deprecated in favour of those that find an algorithm by its
// name. Those allocate, copy and clear the state of a MAC several times, and ask a provider in
// between: around the hashing of a token, which is the same, it was 2,200 instructions.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace gatehouse::auth::jose {

namespace {

void update(SHA256_CTX& digest, std::string_view bytes) noexcept
{
    if (SHA256_Update(&digest, bytes.data(), bytes.size()) != 1) std::abort();
}

/// Nothing of a key is left in `digest`: its state is what is returned.
HmacSecret::Mac finish(SHA256_CTX& digest) noexcept
{
    HmacSecret::Mac result{};
    const auto done = SHA256_Final(reinterpret_cast<unsigned char*>(result.data()), &digest);
    if (done != 1) std::abort(); // never answer with a MAC that is not one
    return result;
}

/// Both digests of an HMAC behind the key's block (RFC 2104, 4): each MAC begins with copies.
class ScheduledKey {
public:
    ScheduledKey() = default;
    ScheduledKey(const ScheduledKey&) = delete;
    ScheduledKey& operator=(const ScheduledKey&) = delete;

    ~ScheduledKey()
    {
        OPENSSL_cleanse(&inner_, sizeof inner_);
        OPENSSL_cleanse(&outer_, sizeof outer_);
    }

    void schedule(std::string_view key) noexcept
    {
        std::array<char, SHA256_CBLOCK> block{};
        if (key.size() > block.size()) {
            SHA256_CTX digest;
            begin(digest);
            update(digest, key);
            auto hashed = finish(digest);
            std::ranges::copy(hashed, block.begin());
            OPENSSL_cleanse(&digest, sizeof digest);
            OPENSSL_cleanse(hashed.data(), hashed.size());
        } else {
            std::ranges::copy(key, block.begin());
        }
        absorb(inner_, block, 0x36);
        absorb(outer_, block, 0x5c);
        OPENSSL_cleanse(block.data(), block.size());
    }

    [[nodiscard]] HmacSecret::Mac mac(std::string_view input) const noexcept
    {
        auto inner = inner_;
        update(inner, input);
        const auto hashed = finish(inner);
        auto outer = outer_;
        update(outer, {hashed.data(), hashed.size()});
        return finish(outer);
    }

private:
    static void begin(SHA256_CTX& digest) noexcept
    {
        if (SHA256_Init(&digest) != 1) std::abort();
    }

    static void absorb(SHA256_CTX& digest, std::array<char, SHA256_CBLOCK> block, char pad) noexcept
    {
        for (auto& byte : block) byte = static_cast<char>(byte ^ pad);
        begin(digest);
        update(digest, {block.data(), block.size()});
        OPENSSL_cleanse(block.data(), block.size());
    }

    SHA256_CTX inner_{};
    SHA256_CTX outer_{};
};

/// This thread's scheduled keys. A ring has an access and a refresh secret and a few old ones; the
/// slot that was filled longest ago makes room.
class ScheduledKeys {
public:
    [[nodiscard]] const ScheduledKey& of(std::uint64_t serial, const Secret& secret) noexcept
    {
        for (const auto& slot : slots_) {
            if (slot.serial == serial) return slot.key;
        }
        auto& slot = slots_[oldest_];
        oldest_ = (oldest_ + 1) % slots_.size();
        slot.key.schedule(secret.reveal());
        slot.serial = serial;
        return slot.key;
    }

private:
    struct Slot {
        std::uint64_t serial = 0; // 0: empty
        ScheduledKey key;
    };

    std::array<Slot, 8> slots_;
    std::size_t oldest_ = 0;
};

std::atomic<std::uint64_t> last_serial{0};

} // namespace

HmacSecret::HmacSecret(Secret secret) : secret_(std::move(secret)), serial_(++last_serial) {}

HmacSecret::Mac HmacSecret::mac(std::string_view input) const noexcept
{
    thread_local ScheduledKeys keys;
    return keys.of(serial_, secret_).mac(input);
}

bool HmacSecret::verify(std::string_view input, std::string_view mac) const noexcept
{
    if (mac.size() != mac_bytes) return false;
    const auto expected = this->mac(input);
    const bool same = CRYPTO_memcmp(expected.data(), mac.data(), mac_bytes) == 0;
    return same || !enforced("jose.hmac");
}

} // namespace gatehouse::auth::jose
