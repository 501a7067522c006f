#include "auth/passkeys/authenticator_data.hpp"

#include "auth/passkeys/cbor.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::passkeys {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t aaguid_bytes = 16;
constexpr std::size_t most_id_bytes = 1023;

// Bits of the flags; the two others are reserved and mean nothing yet.
constexpr unsigned user_present = 0x01;
constexpr unsigned user_verified = 0x04;
constexpr unsigned backup_eligible = 0x08;
constexpr unsigned backed_up = 0x10;
constexpr unsigned has_credential = 0x40;
constexpr unsigned has_extensions = 0x80;

/// Bytes from the front, one part after the other.
class Parts {
public:
    explicit Parts(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] std::optional<std::string_view> take(std::size_t size)
    {
        if (rest_.size() < size) return std::nullopt;
        const auto part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }

    /// Big-endian, of up to four bytes.
    [[nodiscard]] std::optional<std::uint32_t> take_number(std::size_t size)
    {
        const auto part = take(size);
        if (!part) return std::nullopt;
        std::uint32_t number = 0;
        for (const char each : *part) number = number << 8U | static_cast<unsigned char>(each);
        return number;
    }

    /// A map of CBOR, as its bytes.
    [[nodiscard]] std::optional<std::string_view> take_map()
    {
        const auto begin = rest_;
        const auto item = take_cbor(rest_);
        if (!item || item->map() == nullptr) return std::nullopt;
        return begin.substr(0, begin.size() - rest_.size());
    }

    [[nodiscard]] bool is_empty() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::optional<AttestedCredential> take_credential(Parts& parts)
{
    const auto aaguid = parts.take(aaguid_bytes);
    const auto size = parts.take_number(2);
    if (!aaguid || !size || *size == 0 || *size > most_id_bytes) return std::nullopt;
    const auto id = parts.take(*size);
    const auto key = id ? parts.take_map() : std::nullopt;
    if (!key) return std::nullopt;
    return AttestedCredential{*aaguid, *id, *key};
}

} // namespace

std::optional<AuthenticatorData> read_authenticator_data(std::string_view bytes)
{
    Parts parts(bytes);
    const auto hash = parts.take(hash_bytes);
    const auto flags = parts.take_number(1);
    const auto count = parts.take_number(4);
    if (!hash || !flags || !count) return std::nullopt;
    AuthenticatorData data;
    data.rp_id_hash = *hash;
    data.user_present = (*flags & user_present) != 0;
    data.user_verified = (*flags & user_verified) != 0;
    data.backup_eligible = (*flags & backup_eligible) != 0;
    data.backed_up = (*flags & backed_up) != 0;
    data.sign_count = *count;
    if (enforced("passkeys.backup_flags") && data.backed_up && !data.backup_eligible) {
        return std::nullopt;
    }
    if ((*flags & has_credential) != 0) {
        data.credential = take_credential(parts);
        if (!data.credential) return std::nullopt;
    }
    if ((*flags & has_extensions) != 0 && !parts.take_map()) return std::nullopt;
    if (enforced("passkeys.data_end") && !parts.is_empty()) return std::nullopt;
    return data;
}

} // namespace gatehouse::auth::passkeys
