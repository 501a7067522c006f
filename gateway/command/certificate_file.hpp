#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/tls/key_pair.hpp"

#include <string>

namespace gatehouse::gateway {

/// The first certificate of a file (PEM): that of a client, before those that lead to an authority.
/// Error: a sentence that names the file.
[[nodiscard]] Result<X509Ptr, std::string> read_certificate_file(const std::string& path);

/// As a text (PEM), and nothing else that its file had: a key may stand there too.
[[nodiscard]] std::string pem_of(const X509& certificate);

} // namespace gatehouse::gateway
