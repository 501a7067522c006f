#include "auth/accounts/argon2d.hpp"

#include <sodium.h>

#include <argon2.h>

#include <cstdint>
#include <vector>

namespace gatehouse::auth {

namespace {

using Bytes = std::vector<std::uint8_t>;

/// Of base64 without padding, as read_stored_hash has found it to be.
Bytes decoded(std::string_view text)
{
    Bytes bytes(text.size());
    std::size_t size = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
        size = 0;
    }
    bytes.resize(size);
    return bytes;
}

} // namespace

std::optional<bool> matches_argon2d(const StoredHash& stored, std::string_view password)
{
    const auto expected = decoded(stored.hash);
    auto salt = decoded(stored.salt);
    Bytes computed(expected.size());
    Bytes typed(password.begin(), password.end()); // the library takes no const

    argon2_context context{};
    context.out = computed.data();
    context.outlen = static_cast<std::uint32_t>(computed.size());
    context.pwd = typed.data();
    context.pwdlen = static_cast<std::uint32_t>(typed.size());
    context.salt = salt.data();
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = stored.passes;
    context.m_cost = static_cast<std::uint32_t>(stored.memory_bytes / 1024);
    context.lanes = stored.lanes;
    context.threads = 1; // as many as were paid for, whatever the hash says
    context.version = ARGON2_VERSION_13;
    const int failed = argon2d_ctx(&context);
    sodium_memzero(typed.data(), typed.size());

    if (failed == ARGON2_MEMORY_ALLOCATION_ERROR) return std::nullopt;
    return failed == ARGON2_OK && !expected.empty() &&
           sodium_memcmp(computed.data(), expected.data(), expected.size()) == 0;
}

} // namespace gatehouse::auth
