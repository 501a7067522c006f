#include "gateway/upstream/upstream_files.hpp"

#include "gateway/issuers/issuer_files.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/upstream/upstream_tls.hpp"

#include <fmt/format.h>
#include <openssl/x509.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iterator>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

using config::Diagnostic;
using config::Severity;
using Now = std::chrono::system_clock::time_point;

/// `gateway.yaml:3:15`, and what may stand behind it.
void put_place(Diagnostic& found, std::string_view origin)
{
    origin = origin.substr(0, origin.find(' '));
    const auto column = origin.rfind(':');
    if (column == origin.npos || column == 0) return;
    const auto line = origin.rfind(':', column - 1);
    if (line == origin.npos) return;
    config::Place place;
    std::from_chars(origin.data() + line + 1, origin.data() + column, place.line);
    std::from_chars(origin.data() + column + 1, origin.data() + origin.size(), place.column);
    if (place.line == 0) return;
    found.place = place;
    found.source = origin.substr(0, line);
}

bool has_expired(const X509& certificate, Now now)
{
    auto at = std::chrono::system_clock::to_time_t(now);
    return X509_cmp_time(X509_get0_notAfter(&certificate), &at) < 0;
}

class Judge {
public:
    Judge(const config::Settings& settings, Now now) : settings_(settings), now_(now) {}

    void judge(const std::string& name, const config::UpstreamTlsSettings& tls)
    {
        const auto key = fmt::format("upstreams.{}.tls", name);
        const auto before = all.size();
        if (!tls.ca.empty()) judge_authorities(key + ".ca", tls.ca, tls.ca_pem);
        if (!tls.certificate.empty()) judge_pair(key, tls);
        if (all.size() != before) return;
        UpstreamTlsBook book;
        const auto made = make_upstream_tls(tls, settings_.system_authorities.get(), book);
        if (!made) say(Severity::error, key, made.error(), "");
    }

    void judge_system()
    {
        if (!settings_.system_authorities) return;
        const auto found = read_certificates(*settings_.system_authorities);
        if (!found) {
            say(Severity::error, "upstreams", "the system's authorities: " + found.error(),
                "look at SSL_CERT_FILE, or name the service's authority in tls.ca");
        }
    }

    std::vector<Diagnostic> all;

private:
    void judge_authorities(const std::string& key, const std::string& file, const std::string& pem)
    {
        const auto found = read_certificates(pem);
        if (!found) return say_of_file(key, file, found.error(), "name a file of certificates");
        const bool some =
            std::ranges::any_of(*found, [&](const auto& one) { return !has_expired(*one, now_); });
        if (some) return;
        say(Severity::warning, key, file + ": all authorities in it have expired",
            "the service will not be trusted");
    }

    void judge_pair(const std::string& key, const config::UpstreamTlsSettings& tls)
    {
        const auto chain = read_certificates(tls.certificate_pem);
        if (!chain) {
            return say_of_file(key + ".certificate", tls.certificate, chain.error(),
                               "name the file of the certificate");
        }
        const auto pair = KeyPair::read(tls.certificate_pem, tls.key_pem.reveal());
        if (!pair) {
            return say_of_file(key + ".key", tls.key, pair.error(),
                               "name the file of the certificate's own private key");
        }
        if (!has_expired(pair->certificate(), now_)) return;
        say(Severity::warning, key + ".certificate", tls.certificate + ": it has expired",
            "the service may refuse it");
    }

    void say_of_file(const std::string& key, const std::string& file, const std::string& what,
                     std::string hint)
    {
        say(Severity::error, key, file + ": " + what, std::move(hint));
    }

    void say(Severity severity, const std::string& key, std::string what, std::string hint)
    {
        Diagnostic found;
        found.severity = severity;
        found.key = key;
        found.message = std::move(what);
        found.hint = std::move(hint);
        if (settings_.shown) {
            const auto place = std::ranges::find(*settings_.shown, key, &config::ShownSetting::key);
            if (place != settings_.shown->end()) put_place(found, place->origin);
        }
        all.push_back(std::move(found));
    }

    const config::Settings& settings_;
    const Now now_;
};

/// The certificate that `key` is about is not the one of before.
bool is_another(const config::Settings& next, const config::Settings& running,
                const std::string& key)
{
    for (const auto& [name, upstream] : next.upstreams) {
        if (!upstream.tls || !key.starts_with(fmt::format("upstreams.{}.tls.", name))) continue;
        const auto before = running.upstreams.find(name);
        return before != running.upstreams.end() && before->second.tls &&
               before->second.tls->certificate_pem != upstream.tls->certificate_pem;
    }
    return false;
}

} // namespace

std::vector<Diagnostic> look_at_upstream_files(const config::Settings& settings, Now now)
{
    Judge judge(settings, now);
    judge.judge_system();
    for (const auto& [name, upstream] : settings.upstreams) {
        if (upstream.tls) judge.judge(name, *upstream.tls);
    }
    return std::move(judge.all);
}

std::optional<std::string> problem_at_start(const config::Settings& settings)
{
    auto all = look_at_upstream_files(settings, std::chrono::system_clock::now());
    std::ranges::move(look_at_issuer_files(settings), std::back_inserter(all));
    for (const auto& found : all) {
        if (found.severity == Severity::error) return to_string(found);
    }
    return std::nullopt;
}

std::vector<Diagnostic> problems_with_upstream_files(const config::Settings& next,
                                                     const config::Settings& running, Now now)
{
    auto found = look_at_upstream_files(next, now);
    std::erase_if(found, [&](const Diagnostic& one) {
        return one.severity == Severity::warning && !is_another(next, running, one.key);
    });
    for (auto& one : found) one.severity = Severity::error;
    for (auto& one : look_at_issuer_files(next)) {
        if (one.severity == Severity::error) found.push_back(std::move(one));
    }
    return found;
}

} // namespace gatehouse::gateway
