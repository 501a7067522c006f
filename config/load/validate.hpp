#pragma once

#include "config/diagnostics/report.hpp"
#include "config/settings/settings.hpp"
#include "config/yaml/node.hpp"

namespace gatehouse::config {

/// Judges what one key alone cannot show: whether the settings fit together. `root` tells where
/// each of them stands. A key that was blamed before is not blamed again.
void validate(const Settings& settings, const Node& root, Report& report);

/// The parts of it, one concern each.
void validate_listeners(const Settings& settings, const Node& root, Report& report);
void validate_certificates(const Settings& settings, const Node& root, Report& report);
/// Whether somebody can show a certificate at all.
[[nodiscard]] bool asks_for_certificates(const Settings& settings);
void validate_tls(const Settings& settings, const Node& root, Report& report);
void validate_store(const Settings& settings, const Node& root, Report& report);
void validate_sessions(const Settings& settings, const Node& root, Report& report);
void validate_tokens(const Settings& settings, const Node& root, Report& report);
void validate_keys(const Settings& settings, const Node& root, Report& report);
void validate_ranges(const Settings& settings, const Node& root, Report& report);
void validate_passkeys(const Settings& settings, const Node& root, Report& report);
void validate_routes(const Settings& settings, const Node& root, Report& report);
/// Redirects, rewrites and headers.
void validate_treatment(const Settings& settings, const Node& root, Report& report);
void validate_balance(const Settings& settings, const Node& root, Report& report);
void validate_upstreams(const Settings& settings, const Node& root, Report& report);
void validate_rates(const Settings& settings, const Node& root, Report& report);
void validate_upstream_tls(const Settings& settings, const Node& root, Report& report);
void validate_identity(const Settings& settings, const Node& root, Report& report);
void validate_issuers(const Settings& settings, const Node& root, Report& report);
void validate_contract(const Settings& settings, const Node& root, Report& report);
void validate_portal(const Settings& settings, const Node& root, Report& report);
void validate_mail(const Settings& settings, const Node& root, Report& report);
void validate_cors(const CorsSettings& cors, const std::string& key, const Node& root,
                   Report& report);

} // namespace gatehouse::config
