#include "auth/tokens/key_seal.hpp"

#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace gatehouse::auth {

namespace {

constexpr char version = 1;
constexpr std::size_t fingerprint_bytes = 8;
constexpr std::size_t head_bytes = 1 + fingerprint_bytes;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t key_bytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;

/// Whoever has the secret has everything under it: as many bytes as the key derived from it.
constexpr std::size_t secret_least_bytes = key_bytes;

// What a hash is for: two purposes never yield the same bytes.
constexpr std::string_view for_sealing = "gatehouse.seal.1";
constexpr std::string_view for_fingerprint = "gatehouse.name.1";
static_assert(for_sealing.size() == crypto_generichash_blake2b_PERSONALBYTES);
static_assert(for_fingerprint.size() == crypto_generichash_blake2b_PERSONALBYTES);

[[nodiscard]] unsigned char* bytes_of(std::string& text)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    return reinterpret_cast<unsigned char*>(text.data());
}

[[nodiscard]] const unsigned char* bytes_of(std::string_view text)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    return reinterpret_cast<const unsigned char*>(text.data());
}

[[nodiscard]] std::string hash(std::string_view input, std::string_view purpose)
{
    std::string out(key_bytes, '\0');
    crypto_generichash_blake2b_salt_personal(bytes_of(out), out.size(), bytes_of(input),
                                             input.size(), nullptr, 0, nullptr, bytes_of(purpose));
    return out;
}

/// What is not encrypted and yet must not change: the head, and the name it is kept under.
[[nodiscard]] std::string bound_data(std::string_view head, std::string_view name)
{
    std::string data(head);
    if (enforced("keys.sealed_for_its_name")) data += name;
    return data;
}

} // namespace

Result<KeySeal, jose::KeyError> KeySeal::make(const Secret& current,
                                              const std::vector<Secret>& previous)
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no nonce
    KeySeal seal;
    const auto add = [&](const Secret& secret) {
        if (enforced("keys.sealing_secret_length") && secret.size() < secret_least_bytes) {
            return false;
        }
        seal.keys_.push_back(derive(secret));
        return true;
    };
    if (!add(current) || !std::ranges::all_of(previous, add)) {
        return jose::KeyError("a sealing secret needs at least 32 bytes; make one with: openssl "
                              "rand -base64 48");
    }
    return seal;
}

KeySeal::SealingKey KeySeal::derive(const Secret& secret)
{
    Secret key(hash(secret.reveal(), for_sealing));
    auto fingerprint = hash(key.reveal(), for_fingerprint).substr(0, fingerprint_bytes);
    return {std::move(key), std::move(fingerprint)};
}

std::string KeySeal::seal(const Secret& text, std::string_view name) const
{
    const auto& key = keys_.front();
    std::string sealed = version + key.fingerprint;
    const auto bound = bound_data(sealed, name);
    sealed.resize(head_bytes + nonce_bytes + text.size() + tag_bytes);
    auto* const nonce = bytes_of(sealed) + head_bytes;
    randombytes_buf(nonce, nonce_bytes); // 192 random bits never meet again
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        nonce + nonce_bytes, nullptr, bytes_of(text.reveal()), text.size(), bytes_of(bound),
        bound.size(), nullptr, nonce, bytes_of(key.bytes.reveal()));
    return sealed;
}

Result<KeySeal::Opened, SealError> KeySeal::open(std::string_view sealed,
                                                 std::string_view name) const
{
    if (sealed.empty() || sealed.front() != version) return SealError::unknown_version;
    if (sealed.size() < head_bytes + nonce_bytes + tag_bytes) return SealError::damaged;
    const auto head = sealed.substr(0, head_bytes);
    const auto key = std::ranges::find(keys_, head.substr(1), &SealingKey::fingerprint);
    if (key == keys_.end()) return SealError::other_secret;

    const auto* const nonce = bytes_of(sealed) + head_bytes;
    const auto box = sealed.substr(head_bytes + nonce_bytes);
    const auto bound = bound_data(head, name);
    std::string text(box.size() - tag_bytes, '\0');
    const bool opened =
        crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(text), nullptr, nullptr, bytes_of(box),
                                                   box.size(), bytes_of(bound), bound.size(), nonce,
                                                   bytes_of(key->bytes.reveal())) == 0;
    if (!opened) return SealError::damaged;
    return Opened{Secret(std::move(text)), key != keys_.begin()};
}

std::string_view to_string(SealError error) noexcept
{
    switch (error) {
    case SealError::unknown_version:
        return "unknown_version";
    case SealError::other_secret:
        return "other_secret";
    case SealError::damaged:
        return "damaged";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, SealError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::auth
