#pragma once

#include "auth/basics/clock.hpp"
#include "auth/basics/id.hpp"
#include "auth/tokens/principal.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// A signed identity that was made for one of the services behind the gateway.
struct IdentityProof {
    std::string audience;
    std::shared_ptr<const std::string> text;
    Seconds renew_at{};
};

/// What is remembered of a token whose signature and claims were checked.
struct VerifiedToken {
    Principal principal;
    Id128 session; // principal.session_id as the revocation table wants it; or the API key's id
    std::uint64_t api_key_version = 0;
    std::vector<IdentityProof> proofs{}; // one for each audience that was asked for
};

/// Tokens verified before, in one worker. Found by a keyed hash (an outsider cannot aim at a slot)
/// and a comparison of all bytes. Bounded: a full set drops the entry that expires first. Whoever
/// finds an entry still has to look at `exp` and at revocations.
class TokenCache {
public:
    /// 8192 tokens of some 400 bytes: about 6 MiB when full, 64 KiB when empty.
    static constexpr std::size_t default_entries = 8192;
    /// Longer tokens are not kept, so that the bound above is one.
    static constexpr std::size_t longest_kept_bytes = 2048;

    explicit TokenCache(std::size_t entries);

    /// Null when it is not there. Does not allocate.
    [[nodiscard]] VerifiedToken* find(std::string_view token) noexcept;
    /// Whether a token is short enough to be kept.
    [[nodiscard]] static bool keeps(std::string_view token) noexcept;
    /// Keeps a token that find() did not find and keeps() does not refuse.
    VerifiedToken& keep(std::string_view token, VerifiedToken verified);
    void drop(std::string_view token) noexcept;
    void clear() noexcept;
    /// Drops the tokens of this issuer, as Principal counts them.
    void forget_those_of(std::size_t issuer) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t ways = 4; // slots a token may stand in

    struct Entry {
        std::string token;
        VerifiedToken verified;
    };

    using Set = std::array<std::unique_ptr<Entry>, ways>;

    /// What a look at a set needs of its entries, apart from them: those of thousands of tokens are
    /// in no processor's cache, and of a token that is new none has to be fetched. Of a slot that
    /// is empty it says nothing.
    struct Glance {
        std::array<std::uint32_t, ways> expiries; // in seconds since 1970
        std::array<std::uint8_t, ways> tags;      // the top bits of the hash
    };

    /// Pages of the kernel's: zeros that take up no memory before they are written to.
    struct Unmap {
        std::size_t bytes;
        void operator()(Glance* glances) const noexcept;
    };

    [[nodiscard]] static std::unique_ptr<Glance[], Unmap> map_glances(std::size_t count);
    [[nodiscard]] std::uint64_t hash_of(std::string_view token) const noexcept;
    [[nodiscard]] static std::uint8_t tag_of(std::uint64_t hash) noexcept;
    [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept;
    [[nodiscard]] std::unique_ptr<Entry>* slot_of(std::string_view token,
                                                  std::uint64_t hash) noexcept;
    [[nodiscard]] static std::size_t worth_least(const Set& set, const Glance& glance) noexcept;
    static void fetch(const Entry* entry) noexcept;

    std::array<unsigned char, 16> hash_key_{};
    std::vector<Set> sets_;                    // a power of two
    std::unique_ptr<Glance[], Unmap> glances_; // one for each set
    std::size_t size_ = 0;                     // of the slots that are in use
};

} // namespace gatehouse::auth
