#include "auth/jose/ecdsa.hpp"

#include "config/basics/enforced.hpp"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <cstdlib>
#include <memory>

namespace gatehouse::auth::jose {

namespace {

using namespace std::string_view_literals;

// The order n of each group (FIPS 186-4, D.1.2): big-endian, as the numbers of a signature are.
constexpr auto p256_order = "\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                            "\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51"sv;
constexpr auto p384_order = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xC7\x63\x4D\x81\xF4\x37\x2D\xDF"
                            "\x58\x1A\x0D\xB2\x48\xB0\xA7\x7A\xEC\xEC\x19\x6A\xCC\xC5\x29\x73"sv;

[[nodiscard]] std::string_view order_of(Algorithm algorithm) noexcept
{
    return algorithm == Algorithm::es384 ? p384_order : p256_order;
}

struct SignatureDeleter {
    void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};

using Signature = std::unique_ptr<ECDSA_SIG, SignatureDeleter>;

[[nodiscard]] bool in_range(std::string_view number, std::string_view order) noexcept
{
    const bool is_zero = number.find_first_not_of('\0') == std::string_view::npos;
    return !is_zero && number < order; // same length: byte order is number order
}

[[nodiscard]] BIGNUM* to_bignum(std::string_view number) noexcept
{
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(number.data()),
                     static_cast<int>(number.size()), nullptr);
}

/// Empty when there is no memory.
[[nodiscard]] std::string der_of(const ECDSA_SIG& pair)
{
    const int length = i2d_ECDSA_SIG(&pair, nullptr);
    if (length <= 0) return {};
    std::string der(static_cast<std::size_t>(length), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(&pair, &out);
    return der;
}

} // namespace

std::size_t ecdsa_number_bytes(Algorithm algorithm) noexcept
{
    return order_of(algorithm).size();
}

std::optional<std::string> ecdsa_to_der(Algorithm algorithm, std::string_view signature)
{
    const auto order = order_of(algorithm);
    if (enforced("jose.ecdsa_length") && signature.size() != 2 * order.size()) return std::nullopt;
    const auto r = signature.substr(0, signature.size() / 2);
    const auto s = signature.substr(signature.size() / 2);
    if (enforced("jose.ecdsa_range") && !(in_range(r, order) && in_range(s, order))) {
        return std::nullopt;
    }

    const Signature pair(ECDSA_SIG_new());
    if (!pair || ECDSA_SIG_set0(pair.get(), to_bignum(r), to_bignum(s)) != 1) return std::nullopt;
    auto der = der_of(*pair);
    if (der.empty()) return std::nullopt;
    return der;
}

std::optional<std::string> ecdsa_from_foreign_der(Algorithm algorithm, std::string_view der)
{
    const auto number_bytes = ecdsa_number_bytes(algorithm);
    const auto* in = reinterpret_cast<const unsigned char*>(der.data());
    // It reads no negative numbers, which the bytes below would be the same for.
    const Signature pair(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
    if (!pair || (enforced("jose.ecdsa_der") && der_of(*pair) != der)) {
        ERR_clear_error();
        return std::nullopt;
    }
    std::string signature(2 * number_bytes, '\0');
    auto* const r = reinterpret_cast<unsigned char*>(signature.data());
    const auto width = static_cast<int>(number_bytes);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), r, width) != width ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), r + number_bytes, width) != width) {
        ERR_clear_error();
        return std::nullopt;
    }
    return signature;
}

std::string ecdsa_from_der(Algorithm algorithm, std::string_view der)
{
    auto signature = ecdsa_from_foreign_der(algorithm, der);
    if (!signature) std::abort(); // our own signature, just made: memory is gone or broken
    return *std::move(signature);
}

} // namespace gatehouse::auth::jose
