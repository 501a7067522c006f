#include "auth/store/copy/rows_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace gatehouse::auth {

namespace {

void require(bool done)
{
    if (!done) std::abort(); // SHA-256 fails for want of memory only
}

[[nodiscard]] std::string hex(std::span<const unsigned char> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

} // namespace

void RowsDigest::Free::operator()(EVP_MD_CTX* context) const noexcept
{
    EVP_MD_CTX_free(context);
}

RowsDigest::RowsDigest() : context_(EVP_MD_CTX_new())
{
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void RowsDigest::add(char kind, std::uint64_t number)
{
    std::array<unsigned char, 9> bytes{static_cast<unsigned char>(kind)};
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        bytes.at(i) = static_cast<unsigned char>(number >> (8 * (i - 1)));
    }
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

void RowsDigest::add(const CopiedRow& row)
{
    ++rows_;
    add('r', row.size());
    for (const auto& field : row) {
        if (const auto* number = std::get_if<std::int64_t>(&field)) {
            add('n', static_cast<std::uint64_t>(*number));
        } else if (const auto* bytes = std::get_if<std::string>(&field)) {
            add('b', bytes->size());
            require(EVP_DigestUpdate(context_.get(), bytes->data(), bytes->size()) == 1);
        } else {
            add('0', 0);
        }
    }
}

RowsMeasure RowsDigest::finish()
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    return {rows_, hex(digest)};
}

std::ostream& operator<<(std::ostream& out, const RowsMeasure& measure)
{
    return out << measure.rows << " rows, " << measure.sha256;
}

} // namespace gatehouse::auth
