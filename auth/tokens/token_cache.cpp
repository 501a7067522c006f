#include "auth/tokens/token_cache.hpp"

#include "config/basics/enforced.hpp"

#include <sodium/crypto_shorthash.h>
#include <sodium/randombytes.h>

#include <algorithm>
#include <bit>

namespace gatehouse::auth {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);

TokenCache::TokenCache(std::size_t entries)
    : sets_(std::bit_ceil(std::max<std::size_t>(entries / ways, 1)))
{
    randombytes_buf(hash_key_.data(), hash_key_.size());
}

bool TokenCache::keeps(std::string_view token) noexcept
{
    return !enforced("token_cache.bounded") || token.size() <= longest_kept_bytes;
}

VerifiedToken* TokenCache::find(std::string_view token) noexcept
{
    auto* slot = slot_of(token);
    return slot == nullptr ? nullptr : &(*slot)->verified;
}

VerifiedToken& TokenCache::keep(std::string_view token, VerifiedToken verified)
{
    const auto hash = hash_of(token);
    auto& set = set_of(hash);
    // An empty slot, or the entry that is worth least: the one that expires first.
    const auto life = [](const std::unique_ptr<Entry>& entry) {
        return entry ? entry->verified.principal.expires_at : Seconds::min();
    };
    auto& slot = *std::ranges::min_element(set, {}, life);
    if (!slot) {
        slot = std::make_unique<Entry>();
        ++size_;
    }
    slot->tag = tag_of(hash);
    slot->token.assign(token);
    slot->verified = std::move(verified);
    return slot->verified;
}

void TokenCache::drop(std::string_view token) noexcept
{
    auto* slot = slot_of(token);
    if (slot == nullptr) return;
    slot->reset();
    --size_;
}

void TokenCache::clear() noexcept
{
    for (auto& set : sets_) set = {};
    size_ = 0;
}

std::uint64_t TokenCache::hash_of(std::string_view token) const noexcept
{
    // The end of a signature is as good as random, and tokens that are kept have a good one: nobody
    // can make two that share its last 96 bits. Hashing all of a token would cost twenty times as
    // much.
    constexpr std::size_t telling = 16;
    token.remove_prefix(token.size() - std::min(token.size(), telling));
    std::uint64_t hash = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                     hash_key_.data());
    return hash;
}

std::uint8_t TokenCache::tag_of(std::uint64_t hash) noexcept
{
    return static_cast<std::uint8_t>(hash >> 56U);
}

TokenCache::Set& TokenCache::set_of(std::uint64_t hash) noexcept
{
    return sets_[hash & (sets_.size() - 1)];
}

std::unique_ptr<TokenCache::Entry>* TokenCache::slot_of(std::string_view token) noexcept
{
    const auto hash = hash_of(token);
    for (auto& slot : set_of(hash)) {
        if (!slot || slot->tag != tag_of(hash)) continue;
        // Tags are there to skip most comparisons; only the same bytes were verified.
        if (enforced("token_cache.all_bytes") && slot->token != token) continue;
        return &slot;
    }
    return nullptr;
}

} // namespace gatehouse::auth
