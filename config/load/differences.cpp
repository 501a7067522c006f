#include "config/load/differences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::config {
namespace {

bool is_for_start(const char*)
{
    return false;
}

bool is_for_start(AtStart)
{
    return true;
}

/// The table that compares: what differs is noted, and what only a start can change stays as it is.
template <class S>
class Comparer {
public:
    Comparer(const S& running, S& wanted, std::string path, bool for_start, Differences& out)
        : running_(running),
          wanted_(wanted),
          path_(std::move(path)),
          for_start_(for_start),
          out_(out)
    {
    }

    template <class T, class Limit, class Sentence>
    void key(std::string_view name, T S::* member, const Limit&, Sentence sentence)
    {
        if (running_.*member == wanted_.*member) return;
        const bool for_start = for_start_ || is_for_start(sentence);
        note(at(name), for_start);
        if (for_start) wanted_.*member = running_.*member;
    }

    template <class T, class Limit, class Sentence>
    void required(std::string_view name, T S::* member, const Limit& limit, Sentence sentence)
    {
        key(name, member, limit, sentence);
    }

    template <class T, class Limit>
    void any_of(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        key(name, member, limit, sentence);
    }

    template <class T, class Sentence>
    void section(std::string_view name, T S::* member, Sentence sentence)
    {
        compare(running_.*member, wanted_.*member, at(name), for_start_ || is_for_start(sentence));
    }

    template <class T>
    void section(std::string_view name, std::optional<T> S::* member, const char*)
    {
        const auto& running = running_.*member;
        auto& wanted = wanted_.*member;
        if (running && wanted) return compare(*running, *wanted, at(name), for_start_);
        if (running.has_value() != wanted.has_value()) note(at(name), for_start_);
    }

    template <class T>
    void list(std::string_view name, std::vector<T> S::* member, const char*)
    {
        const auto& running = running_.*member;
        auto& wanted = wanted_.*member;
        if (running.size() != wanted.size()) return note(at(name), for_start_);
        for (std::size_t i = 0; i < running.size(); ++i) {
            compare(running[i], wanted[i], fmt::format("{}[{}]", at(name), i), for_start_);
        }
    }

    template <class T>
    void map(std::string_view name, std::map<std::string, T> S::* member, const Form&, const char*)
    {
        const auto& running = running_.*member;
        auto& wanted = wanted_.*member;
        for (const auto& [gone, value] : running) {
            if (!wanted.contains(gone)) note(fmt::format("{}.{}", at(name), gone), for_start_);
        }
        for (auto& [key, value] : wanted) {
            const auto path = fmt::format("{}.{}", at(name), key);
            const auto found = running.find(key);
            if (found == running.end())
                note(path, for_start_);
            else
                compare(found->second, value, path, for_start_);
        }
    }

    void auth_rule(std::string_view name, AuthMode S::* mode, const char* sentence)
    {
        key(name, mode, AsTyped{}, sentence);
        Comparer rule(running_, wanted_, at(name), for_start_, out_);
        S::describe_auth(rule);
    }

    template <class T>
    void switched(std::string_view name, T S::* member, const char*)
    {
        if ((running_.*member).on != (wanted_.*member).on) return note(at(name), for_start_);
        compare(running_.*member, wanted_.*member, at(name), for_start_);
    }

    void not_yet(std::string_view, const char*) {}

private:
    template <class T>
    void compare(const T& running, T& wanted, const std::string& path, bool for_start)
    {
        Comparer<T> inner(running, wanted, path, for_start, out_);
        T::describe(inner);
    }

    void note(std::string path, bool for_start)
    {
        (for_start ? out_.need_a_restart : out_.take_effect).push_back(std::move(path));
    }

    [[nodiscard]] std::string at(std::string_view name) const
    {
        return path_.empty() ? std::string{name} : fmt::format("{}.{}", path_, name);
    }

    const S& running_;
    S& wanted_;
    std::string path_;
    bool for_start_;
    Differences& out_;
};

bool same(const Secret& a, const Secret& b)
{
    return a.reveal() == b.reveal();
}

bool same(const std::vector<Secret>& a, const std::vector<Secret>& b)
{
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}

/// Secrets stand in no table: keys and connections are made of most of them when the gateway
/// starts.
class SecretComparer {
public:
    explicit SecretComparer(Differences& out) : out_(out) {}

    template <class T>
    void keep(std::string_view name, const T& running, T& wanted)
    {
        if (same(running, wanted)) return;
        out_.need_a_restart.emplace_back(name);
        wanted = running;
    }

    /// Of one that is asked for anew each time it is used.
    template <class T>
    void take(std::string_view name, const T& running, const T& wanted)
    {
        if (!same(running, wanted)) out_.take_effect.emplace_back(name);
    }

private:
    Differences& out_;
};

void settle_secrets(const Settings& running, Settings& wanted, Differences& out)
{
    SecretComparer secrets(out);
    const auto& ours = running.tokens;
    auto& theirs = wanted.tokens;
    secrets.keep("ACCESS_TOKEN_SECRET", ours.access_secret, theirs.access_secret);
    secrets.keep("REFRESH_TOKEN_SECRET", ours.refresh_secret, theirs.refresh_secret);
    secrets.keep("ACCESS_TOKEN_SECRET_PREVIOUS", ours.access_secrets_previous,
                 theirs.access_secrets_previous);
    secrets.keep("REFRESH_TOKEN_SECRET_PREVIOUS", ours.refresh_secrets_previous,
                 theirs.refresh_secrets_previous);
    const auto named = [](const std::string& file, const char* key, const char* variable) {
        return file.empty() ? variable : key;
    };
    secrets.keep(named(ours.sealing_file, "tokens.sealing_file", "SEALING_SECRET"),
                 ours.sealing_secret, theirs.sealing_secret);
    secrets.keep("SEALING_SECRET_PREVIOUS", ours.sealing_secrets_previous,
                 theirs.sealing_secrets_previous);
    secrets.keep("GATEHOUSE_ADMIN_TOKEN", running.admin_api.token, wanted.admin_api.token);
    secrets.keep(named(running.postgres.password_file, "postgres.password_file", "PGPASSWORD"),
                 running.postgres.password, wanted.postgres.password);
    secrets.keep(named(running.redis.password_file, "redis.password_file", "REDIS_PASSWORD"),
                 running.redis.password, wanted.redis.password);
    secrets.take(named(running.mail.password_file, "mail.password_file", "SMTP_PASSWORD"),
                 running.mail.password, wanted.mail.password);
    secrets.take(
        named(running.tracing.headers_file, "tracing.headers_file", "OTEL_EXPORTER_OTLP_HEADERS"),
        running.tracing.headers, wanted.tracing.headers);
}

/// Of an upstream's `tls`: certificates and keys may be others although their files have the same
/// names.
void note_new_files(const Settings& running, const Settings& wanted, Differences& out)
{
    for (const auto& [name, now] : wanted.upstreams) {
        const auto before = running.upstreams.find(name);
        if (before == running.upstreams.end() || !before->second.tls || !now.tls) continue;
        const auto key = fmt::format("upstreams.{}.tls", name);
        const bool told = std::ranges::any_of(
            out.take_effect, [&](const std::string& path) { return path.starts_with(key + "."); });
        const auto& ours = *before->second.tls;
        if (!told &&
            (ours.ca_pem != now.tls->ca_pem || ours.certificate_pem != now.tls->certificate_pem ||
             !same(ours.key_pem, now.tls->key_pem))) {
            out.take_effect.push_back(key);
        }
    }
    const auto& ours = running.system_authorities;
    const auto& theirs = wanted.system_authorities;
    if (ours && theirs && *ours != *theirs) out.take_effect.emplace_back("SSL_CERT_FILE");
}

/// Certificates and keys may be others although their files have the same names.
bool same_content(const ListenTlsSettings& a, const ListenTlsSettings& b)
{
    const auto same_pair = [](const CertificateSettings& x, const CertificateSettings& y) {
        return x.chain_pem == y.chain_pem && same(x.key_pem, y.key_pem);
    };
    if (!std::ranges::equal(a.pairs, b.pairs, same_pair)) return false;
    const auto& ours = a.client_certificates;
    const auto& theirs = b.client_certificates;
    return !ours || !theirs || ours->ca_pem == theirs->ca_pem;
}

/// The same of an issuer's keys.
void note_new_issuer_files(const Settings& running, const Settings& wanted, Differences& out)
{
    for (const auto& [name, now] : wanted.issuers) {
        const auto before = running.issuers.find(name);
        if (before == running.issuers.end()) continue;
        const auto key = fmt::format("issuers.{}", name);
        const bool told = std::ranges::any_of(
            out.take_effect, [&](const std::string& path) { return path.starts_with(key + "."); });
        const auto& ours = before->second;
        if (!told && (ours.jwks.file_text != now.jwks.file_text || !same(ours.secret, now.secret)))
            out.take_effect.push_back(key);
    }
}

void note_new_certificates(const Settings& running, const Settings& wanted, Differences& out)
{
    const auto count = std::min(running.listen.size(), wanted.listen.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto& before = running.listen[i].tls;
        const auto& now = wanted.listen[i].tls;
        const auto key = fmt::format("listen[{}].tls", i);
        const bool told = std::ranges::any_of(
            out.take_effect, [&](const std::string& path) { return path.starts_with(key); });
        if (before && now && !told && !same_content(*before, *now)) {
            out.take_effect.push_back(key);
        }
    }
}

} // namespace

Differences settle_differences(const Settings& running, Settings& wanted)
{
    Differences found;
    Comparer<Settings> comparer(running, wanted, "", false, found);
    Settings::describe(comparer);
    settle_secrets(running, wanted, found);
    // The file may be another one although its name is the same.
    const bool same_name = running.portal.css == wanted.portal.css;
    if (same_name && running.portal.css_text != wanted.portal.css_text) {
        found.take_effect.emplace_back("portal.css");
    }
    note_new_files(running, wanted, found);
    note_new_issuer_files(running, wanted, found);
    note_new_certificates(running, wanted, found);
    return found;
}

} // namespace gatehouse::config
