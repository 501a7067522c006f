#include "auth/apikeys/api_key_text.hpp"

#include "auth/jose/base64url.hpp"
#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <array>

namespace gatehouse::auth {

namespace {

constexpr std::size_t id_size = 22;
constexpr std::size_t secret_size = 43;
constexpr std::size_t checksum_size = 6;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t body_size = api_key_prefix.size() + id_size + 1 + secret_size;
constexpr std::size_t whole_size = body_size + 1 + checksum_size;

[[nodiscard]] std::string sha256(std::string_view text)
{
    std::string hash(crypto_hash_sha256_BYTES, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    return hash;
}

[[nodiscard]] std::string checksum_of(std::string_view digest)
{
    return jose::encode_base64url(digest.substr(0, checksum_bytes));
}

} // namespace

NewApiKey make_api_key()
{
    std::array<char, 32> random{};
    randombytes_buf(random.data(), random.size());
    NewApiKey key;
    key.id = Id128::random().to_string();
    auto text = std::string(api_key_prefix) + key.id + "_";
    jose::append_base64url(text, {random.data(), random.size()});
    sodium_memzero(random.data(), random.size());
    key.digest = sha256(text);
    text += "_" + checksum_of(key.digest);
    key.text = Secret(std::move(text));
    return key;
}

Result<ApiKeyProof, TokenError> read_api_key(std::string_view text)
{
    if (text.size() != whole_size || !looks_like_api_key(text)) return TokenError::malformed;
    const auto body = text.substr(0, body_size);
    const auto id = Id128::parse(body.substr(api_key_prefix.size(), id_size));
    if (!id || body[body_size - secret_size - 1] != '_' || text[body_size] != '_') {
        return TokenError::malformed;
    }
    auto digest = sha256(body);
    if (enforced("api_key.checksum") && text.substr(body_size + 1) != checksum_of(digest)) {
        return TokenError::malformed;
    }
    return ApiKeyProof{*id, std::move(digest)};
}

} // namespace gatehouse::auth
