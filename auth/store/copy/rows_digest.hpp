#pragma once

#include "auth/store/copy/copy_side.hpp"

#include <openssl/types.h>

#include <memory>
#include <ostream>
#include <string>

namespace gatehouse::auth {

/// How many rows there were, and which.
struct RowsMeasure {
    std::uint64_t rows = 0;
    std::string sha256; // in hex

    bool operator==(const RowsMeasure&) const = default;
};

std::ostream& operator<<(std::ostream& out, const RowsMeasure& measure);

/// SHA-256 over rows in their order. Each field goes in with its kind and its length, so that no
/// two tables look alike that are not.
class RowsDigest {
public:
    RowsDigest();

    void add(const CopiedRow& row);
    /// Once, at the end.
    [[nodiscard]] RowsMeasure finish();

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const noexcept;
    };

    void add(char kind, std::uint64_t number);

    std::unique_ptr<EVP_MD_CTX, Free> context_;
    std::uint64_t rows_ = 0;
};

} // namespace gatehouse::auth
