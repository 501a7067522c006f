#include "auth/tokens/token_cache.hpp"

#include "config/basics/enforced.hpp"

#include <sodium/crypto_shorthash.h>
#include <sodium/randombytes.h>

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <new>

namespace gatehouse::auth {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);

namespace {

/// Good enough to tell which of two expires first, until 2106.
std::uint32_t short_time(Seconds time) noexcept
{
    constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max();
    const std::int64_t seconds = time.time_since_epoch().count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, last));
}

} // namespace

TokenCache::TokenCache(std::size_t entries)
    : sets_(std::bit_ceil(std::max<std::size_t>(entries / ways, 1))),
      glances_(map_glances(sets_.size()))
{
    randombytes_buf(hash_key_.data(), hash_key_.size());
}

std::unique_ptr<TokenCache::Glance[], TokenCache::Unmap> TokenCache::map_glances(std::size_t count)
{
    const auto bytes = count * sizeof(Glance);
    void* const at =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    return {static_cast<Glance*>(at), Unmap{bytes}};
}

void TokenCache::Unmap::operator()(Glance* glances) const noexcept
{
    ::munmap(glances, bytes);
}

bool TokenCache::keeps(std::string_view token) noexcept
{
    return !enforced("token_cache.bounded") || token.size() <= longest_kept_bytes;
}

VerifiedToken* TokenCache::find(std::string_view token) noexcept
{
    const auto hash = hash_of(token);
    if (auto* slot = slot_of(token, hash)) return &(*slot)->verified;
    // If it is good it takes the place of another entry, which is nowhere near by now: while its
    // signature is looked at there is time to fetch that.
    const auto place = place_of(hash);
    const auto& set = sets_[place];
    fetch(set[worth_least(set, glances_[place])].get());
    return nullptr;
}

void TokenCache::fetch(const Entry* entry) noexcept
{
    constexpr std::size_t line_bytes = 64;
    const auto* const bytes = reinterpret_cast<const char*>(entry);
    for (std::size_t at = 0; entry != nullptr && at < sizeof *entry; at += line_bytes)
        __builtin_prefetch(bytes + at, 1);
}

/// An empty slot, or that of the entry that is worth least: the one that expires first.
std::size_t TokenCache::worth_least(const Set& set, const Glance& glance) noexcept
{
    std::size_t chosen = 0;
    for (std::size_t way = 1; way < ways && set[chosen]; ++way) {
        if (!set[way] || glance.expiries[way] < glance.expiries[chosen]) chosen = way;
    }
    return chosen;
}

VerifiedToken& TokenCache::keep(std::string_view token, VerifiedToken verified)
{
    const auto hash = hash_of(token);
    const auto place = place_of(hash);
    auto& set = sets_[place];
    auto& glance = glances_[place];
    const auto chosen = worth_least(set, glance);
    auto& slot = set[chosen];
    if (!slot) {
        slot = std::make_unique<Entry>();
        ++size_;
    }
    glance.tags[chosen] = tag_of(hash);
    glance.expiries[chosen] = short_time(verified.principal.expires_at);
    slot->token.assign(token);
    slot->verified = std::move(verified);
    return slot->verified;
}

void TokenCache::drop(std::string_view token) noexcept
{
    auto* slot = slot_of(token, hash_of(token));
    if (slot == nullptr) return;
    slot->reset();
    --size_;
}

void TokenCache::clear() noexcept
{
    for (auto& set : sets_) set = {};
    size_ = 0;
}

void TokenCache::forget_those_of(std::size_t issuer) noexcept
{
    for (auto& set : sets_) {
        for (auto& slot : set) {
            if (!slot || slot->verified.principal.issuer != issuer) continue;
            slot.reset();
            --size_;
        }
    }
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

std::size_t TokenCache::place_of(std::uint64_t hash) const noexcept
{
    return hash & (sets_.size() - 1);
}

std::unique_ptr<TokenCache::Entry>* TokenCache::slot_of(std::string_view token,
                                                        std::uint64_t hash) noexcept
{
    const auto place = place_of(hash);
    const auto& tags = glances_[place].tags;
    for (std::size_t way = 0; way < ways; ++way) {
        // Tags are there to skip most comparisons; only the same bytes were verified.
        if (tags[way] != tag_of(hash)) continue;
        auto& slot = sets_[place][way];
        if (!slot || (enforced("token_cache.all_bytes") && slot->token != token)) continue;
        return &slot;
    }
    return nullptr;
}

} // namespace gatehouse::auth
