#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// The DNS names (in small letters) and addresses it is for; its subject says nothing of that.
[[nodiscard]] std::vector<std::string> names_of(const X509& certificate);

/// `RSA 2048`, `ECDSA 256`.
[[nodiscard]] std::string key_type_of(const X509& certificate);

/// In seconds since 1970.
[[nodiscard]] std::int64_t begin_of(const X509& certificate);
[[nodiscard]] std::int64_t end_of(const X509& certificate);

} // namespace gatehouse::gateway
