#pragma once

#include "config/diagnostics/report.hpp"
#include "config/environment/environment.hpp"
#include "config/settings/settings.hpp"
#include "config/yaml/node.hpp"

namespace gatehouse::config {

/// HS256 wants as many bytes as the hash has (RFC 7518, 3.2).
inline constexpr std::size_t secret_least_bytes = 32;

/// Moves ACCESS_TOKEN_SECRET, REFRESH_TOKEN_SECRET and their ..._PREVIOUS lists (separated by
/// commas) from the environment into the settings. They are judged in validate().
void take_secrets(const Environment& environment, TokenSettings& tokens);

/// Reads tokens.sealing_file like a password file; where none is named, takes SEALING_SECRET. Also
/// the list SEALING_SECRET_PREVIOUS.
void take_sealing_secret(TokenSettings& tokens, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report);
void take_second_factor_secret(SecondFactorSettings& settings, const std::string& folder,
                               const Node& root, Report& report);

/// Reads postgres.password_file, whose path starts at `folder`, without its last line break; where
/// none is named, takes PGPASSWORD. Reports a file that cannot be read.
void take_postgres_password(Settings& settings, const Environment& environment,
                            const std::string& folder, const Node& root, Report& report);

/// The same for redis.password_file and REDIS_PASSWORD.
void take_redis_password(Settings& settings, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report);

/// The same for mail.password_file and SMTP_PASSWORD, where mail.user is set.
void take_mail_password(Settings& settings, const Environment& environment,
                        const std::string& folder, const Node& root, Report& report);

/// Where spans are sent: reads tracing.headers_file, or else takes OTEL_EXPORTER_OTLP_HEADERS as
/// OpenTelemetry writes it (`name=value,...`, percent-encoded). Reports what is no header.
void take_tracing_headers(TracingSettings& tracing, const Environment& environment,
                          const std::string& folder, const Node& root, Report& report);

/// Reads portal.css, whose path starts at `folder`. Reports a file that cannot be read.
void take_portal_css(PortalSettings& portal, const std::string& folder, const Node& root,
                     Report& report);

/// Reads what `upstreams.<name>.tls` names, whose paths start at `folder`, and where some upstream
/// is verified by them the authorities of the system: SSL_CERT_FILE or where Debian has them.
/// Reports what cannot be read.
void take_upstream_files(Settings& settings, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report);

/// Reads what the listeners' `tls` names, whose paths start at `folder`. Reports what cannot be
/// read.
void take_certificates(Settings& settings, const std::string& folder, const Node& root,
                       Report& report);

/// Reads what `issuers.<name>` names, whose paths start at `folder`. Reports what cannot be read.
void take_issuer_files(Settings& settings, const std::string& folder, const Node& root,
                       Report& report);

/// Takes GATEHOUSE_ADMIN_TOKEN, and settles where the credential is kept without it. Of the place
/// of the store it has to be known already where it starts. Reports one that can be guessed.
void take_admin_token(Settings& settings, const Environment& environment, const std::string& folder,
                      Report& report);

} // namespace gatehouse::config
