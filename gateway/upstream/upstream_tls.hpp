#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/net/tls/ssl_pointer.hpp"

#include <map>
#include <memory>
#include <string>

namespace gatehouse::gateway {

/// How an upstream is spoken to over TLS: made once of its settings, shared by all workers.
class UpstreamTls {
public:
    UpstreamTls(SslContextPtr context, std::string terms) noexcept;

    /// OpenSSL counts who uses it, and locks what it changes in it.
    [[nodiscard]] SSL_CTX& context() const noexcept { return *context_; }

    /// Not the same for two that differ in whom they trust, what they show or what they speak.
    [[nodiscard]] const std::string& terms() const noexcept { return terms_; }

private:
    SslContextPtr context_;
    std::string terms_;
};

/// By terms, so that upstreams with the same ones share what is made of them.
using UpstreamTlsBook = std::map<std::string, std::shared_ptr<const UpstreamTls>>;

/// `system`: the authorities to trust where `settings` name none; null: wherever OpenSSL finds
/// them. Error: a sentence for the operator.
[[nodiscard]] Result<std::shared_ptr<const UpstreamTls>, std::string>
make_upstream_tls(const config::UpstreamTlsSettings& settings, const std::string* system,
                  UpstreamTlsBook& book);

} // namespace gatehouse::gateway
