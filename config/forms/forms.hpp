#pragma once

#include "config/diagnostics/report.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::config {

/// A shape that a text must have. `name` stands in the reference under "allowed".
struct Form {
    const char* name;
    std::optional<Problem> (*check)(std::string_view text);
};

/// What a route may require of a session.
inline constexpr std::string_view proof_passkey = "passkey"; // amr says pop
inline constexpr std::string_view proof_totp = "totp";       // amr says otp

/// The shapes that settings refer to. Each check says what is wrong and what would be right.
namespace forms {
extern const Form word;           // any text that is not empty
extern const Form listen_address; // host:port
extern const Form admin_address;  // host:port or off
extern const Form store;          // memory, sqlite:PATH or postgres://..
extern const Form postgres_url;
extern const Form redis_url; // also rediss://
extern const Form file_path;
extern const Form network;     // CIDR
extern const Form api_prefix;  // /auth
extern const Form path_prefix; // /admin
extern const Form path_pattern;
extern const Form route_name;
extern const Form host_pattern;
extern const Form method;
extern const Form header_name;     // any valid field name
extern const Form identity_header; // one that Gatehouse may own
extern const Form cookie_name;
extern const Form call_place; // POST /auth/login
extern const Form cookie_path;
extern const Form origin;         // https://app.example.com
extern const Form domain;         // example.com or localhost
extern const Form origin_or_star; // or *
extern const Form endpoint;       // http://host[:port], https://host[:port] or unix:/path
extern const Form hash_key;       // user, session, address or header:NAME
extern const Form dns_server;     // 127.0.0.1:53
extern const Form target;         // an upstream's name or an endpoint
extern const Form server_name;    // a name or an IP address
extern const Form upstream_name;
extern const Form request_target; // /health?deep=1
extern const Form request_host;   // service.internal:8080
extern const Form status_range;   // 200, 2xx or 200-399
extern const Form retry_cause;    // connect
extern const Form role;
extern const Form scope;              // of a token, RFC 6749, 3.3
extern const Form content_coding;     // zstd, br or gzip
extern const Form media_range;        // text/html, text/*, application/*+json
extern const Form proof;              // passkey or totp
extern const Form claim_path;         // org.plan
extern const Form log_field;          // request_id
extern const Form query_name;         // access_token
extern const Form collector_url;      // http://host[:port][/path]
extern const Form smtp_url;           // smtp://host[:port]
extern const Form mail_address;       // no-reply@example.com
extern const Form mail_link;          // https://app.example.com/reset#token={token}
extern const Form mail_subject;       // one line, filled in
extern const Form mail_template;      // lines, filled in
extern const Form separator;          // of a list in a header
extern const Form language;           // of the account pages
extern const Form rate_by;            // user, header:X-Tenant
extern const Form rate_name;          // of `rates`
extern const Form distinguished_name; // CN=orders,O=Example
extern const Form fingerprint;        // SHA-256
extern const Form serial_number;
extern const Form certificate_name; // a DNS name, a URI, a mail address
extern const Form issuer_name;      // of `issuers`
extern const Form route_issuer;     // or own
extern const Form jwks_url;         // https://host[:port][/path]
extern const Form token_algorithm;
extern const Form token_typ;     // at+jwt
extern const Form header_value;  // Bearer {claim:token}
extern const Form path_template; // /v2/{rest}
extern const Form redirect_target;
} // namespace forms

} // namespace gatehouse::config
