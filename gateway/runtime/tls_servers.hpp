#pragma once

#include "config/basics/result.hpp"
#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"
#include "gateway/net/tls/tls_server.hpp"

#include <memory>
#include <vector>

namespace gatehouse::gateway {

/// The TLS of each listener, in the order of `listen`; without a context where it is plain.
using TlsServers = std::vector<TlsServer>;

/// An error names the setting, and what is wrong with what it names.
[[nodiscard]] Result<TlsServers, config::Diagnostic>
make_tls_servers(const config::Settings& settings, const std::shared_ptr<TicketKeys>& tickets);

} // namespace gatehouse::gateway
