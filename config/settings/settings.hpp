#pragma once

#include "config/settings/admin_api.hpp"
#include "config/settings/audit.hpp"
#include "config/settings/identity.hpp"
#include "config/settings/issuers.hpp"
#include "config/settings/log.hpp"
#include "config/settings/login.hpp"
#include "config/settings/mail.hpp"
#include "config/settings/passkeys.hpp"
#include "config/settings/portal.hpp"
#include "config/settings/postgres.hpp"
#include "config/settings/rates.hpp"
#include "config/settings/redis.hpp"
#include "config/settings/sandbox.hpp"
#include "config/settings/second_factor.hpp"
#include "config/settings/shown_setting.hpp"
#include "config/settings/tls.hpp"
#include "config/settings/tracing.hpp"
#include "config/settings/traffic.hpp"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::config {

/// In which header a trusted proxy names the client.
enum class ClientAddress { x_forwarded_for, forwarded };

constexpr auto words(ClientAddress)
{
    using enum ClientAddress;
    return std::array{
        Word{"x_forwarded_for", x_forwarded_for},
        Word{"forwarded",       forwarded      }
    };
}

/// Everything one YAML file says, checked and frozen. A reload builds a new one.
struct Settings {
    std::vector<ListenSettings> listen{ListenSettings{}};
    TlsSettings tls;
    std::optional<HstsSettings> hsts;
    std::string admin = "127.0.0.1:9901";
    AdminApiSettings admin_api;
    std::uint32_t workers = 0;
    SandboxMode sandbox = SandboxMode::as_far_as_possible;
    std::string store = "sqlite:gatehouse.db";
    PostgresSettings postgres;
    RedisSettings redis;
    Registration registration = Registration::open;
    bool require_verified_email = false;
    std::vector<std::string> trusted_proxies; // CIDR
    ClientAddress client_address = ClientAddress::x_forwarded_for;
    bool send_forwarded = false;
    AuthApiSettings auth;
    PortalSettings portal;
    TokenSettings tokens;
    RefreshSettings refresh;
    Logout logout = Logout::immediate;
    std::chrono::milliseconds feed_lease = 1s;
    SessionSettings sessions;
    PasswordSettings passwords;
    PasskeySettings passkeys;
    ThrottleSettings throttle;
    MailSettings mail;
    SecondFactorSettings second_factor;
    IdentitySettings identity;
    LimitSettings limits;
    CacheSettings cache;
    CompressionSettings compression;
    DeadlineSettings deadlines;
    FeedSettings feed;
    ReloadSettings reload;
    DrainSettings drain;
    LogSettings log;
    MetricsSettings metrics;
    TracingSettings tracing;
    AuditSettings audit;
    std::map<std::string, IssuerSettings> issuers;
    std::map<std::string, UpstreamSettings> upstreams;
    std::map<std::string, RateSettings> rates;
    SecurityHeaders security_headers = SecurityHeaders::off;
    std::vector<RouteSettings> routes;
    /// PEM of the authorities that the system trusts, where some upstream is verified by them.
    std::shared_ptr<const std::string> system_authorities;
    /// What all of it was set to and where, for people. Not of the settings: nothing obeys it.
    std::shared_ptr<const std::vector<ShownSetting>> shown;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = Settings;
        table.list("listen", &Self::listen, "Where clients connect.");
        table.section("tls", &Self::tls, "What all listeners with `tls` share.");
        table.section("hsts", &Self::hsts,
                      "Tells browsers to come by HTTPS only (Strict-Transport-Security), in every "
                      "answer over TLS.");
        table.key(
            "admin", &Self::admin, forms::admin_address,
            at_start("Where `/healthz`, `/readyz`, `/metrics` and the admin API answer; `off` for "
                     "nowhere."));
        table.section("admin_api", &Self::admin_api, at_start("Who may use the admin API."));
        table.key(
            "workers", &Self::workers, count(0, 1024),
            at_start("Threads that carry requests; 0: one per core, or the cgroup's CPU limit "
                     "rounded up."));
        table.key(
            "sandbox", &Self::sandbox, AsTyped{},
            at_start("What the process gives up before it serves: system calls it has no use for, "
                     "writing elsewhere than where these settings say, core dumps. `auto`: as far "
                     "as the kernel and the container let it; `required`: all of it, or it does "
                     "not start."));
        table.key(
            "store", &Self::store, forms::store,
            at_start("Where accounts and sessions are kept. A path starts at this file's folder."));
        table.section("postgres", &Self::postgres, at_start("How a PostgreSQL store is reached."));
        table.section("redis", &Self::redis,
                      at_start("How the Redis of `sessions.store` is reached."));
        table.key("registration", &Self::registration, AsTyped{},
                  "Who may register: anyone, holders of a code from `user invite`, or nobody.");
        table.key("require_verified_email", &Self::require_verified_email, AsTyped{},
                  "Whether an account with an address that is not verified may sign in: then it "
                  "may not, and whoever registers needs an address. Needs `mail.smtp`.");
        table.key("trusted_proxies", &Self::trusted_proxies, forms::network,
                  "Peers whose `X-Forwarded-*` and `X-Request-Id` are believed.");
        table.key("client_address", &Self::client_address, AsTyped{},
                  "In which header trusted proxies name the client: `X-Forwarded-For`, with "
                  "`X-Forwarded-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other one is "
                  "not believed and goes no further.");
        table.key("send_forwarded", &Self::send_forwarded, AsTyped{},
                  "Whether upstreams get `Forwarded` (RFC 7239) too, besides `X-Forwarded-*`.");
        table.section("auth", &Self::auth, "The auth API.");
        table.switched("portal", &Self::portal,
                       "Pages to sign in, to register and to look after one's account, at "
                       "`<auth.prefix>/portal/`.");
        table.section("tokens", &Self::tokens, "How tokens are built.");
        table.section("refresh", &Self::refresh, "What an old refresh token brings.");
        table.key(
            "logout", &Self::logout, AsTyped{},
            at_start("When a logout is answered: once it is stored and this gateway knows, or once "
                     "every gateway of the store knows."));
        table.key(
            "feed_lease", &Self::feed_lease, between(200ms, 1min),
            at_start("With `logout: confirmed`: a gateway that has not heard the feed for so long "
                     "answers 503 where a token is needed, until it has caught up."));
        table.section("sessions", &Self::sessions, "How long and how many.");
        table.section("passwords", &Self::passwords, "How passwords are hashed.");
        table.section("passkeys", &Self::passkeys, "Signing in without a password (WebAuthn).");
        table.section("throttle", &Self::throttle, "How fast one may guess.");
        table.section("mail", &Self::mail, "How mails are sent, and what they say.");
        table.section("second_factor", &Self::second_factor,
                      "What users may ask of themselves besides the password.");
        table.section("identity", &Self::identity, "How upstreams learn the user.");
        table.section("limits", &Self::limits, "How much one may send.");
        table.section("cache", &Self::cache, "What answers of routes with `cache` may take.");
        table.section("compression", &Self::compression,
                      "What compressing answers of routes with `compression` may take.");
        table.section("deadlines", &Self::deadlines, "How long each phase may last.");
        table.section("feed", &Self::feed, "How changes by other processes are heard.");
        table.section("reload", &Self::reload, "How changes of this file are taken.");
        table.section("drain", &Self::drain, "How the gateway stops.");
        table.section("log", &Self::log, "What it writes while it runs.");
        table.section("metrics", &Self::metrics, "What is counted by itself.");
        table.section("tracing", &Self::tracing, "How requests are followed through services.");
        table.section("audit", &Self::audit, "What is remembered of logins and of operators.");
        table.map("issuers", &Self::issuers, forms::issuer_name,
                  "Others whose tokens routes may believe, by name.");
        table.map("upstreams", &Self::upstreams, forms::upstream_name,
                  "Services by name, for routes to refer to.");
        table.map("rates", &Self::rates, forms::rate_name,
                  "How many requests may come, by name, for routes to refer to: they are counted "
                  "together.");
        table.key("security_headers", &Self::security_headers, AsTyped{},
                  "What answers tell browsers besides: nothing, what suits an API, or what suits "
                  "pages. What an upstream says itself stays.");
        table.list("routes", &Self::routes, "What is forwarded, for whom, and where to.");
    }
};

/// The set of these names: `own`, and those of `issuers`.
[[nodiscard]] IssuerSet believed_by(const Settings& settings,
                                    const std::vector<std::string>& names);
/// Whether there is something to seal the secrets of authenticator apps under.
[[nodiscard]] bool can_seal_totp(const Settings& settings);
/// Whether users can set up such an app.
[[nodiscard]] bool has_totp(const Settings& settings);

} // namespace gatehouse::config
