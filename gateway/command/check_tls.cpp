#include "gateway/command/check_tls.hpp"

#include "gateway/runtime/tls_servers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/stat.h>

#include <ctime>

namespace gatehouse::gateway {
namespace {

using config::Diagnostic;
using config::Severity;

constexpr std::int64_t day = 24 * 60 * 60;
constexpr std::int64_t soon = 14 * day; // whoever renews by itself has done so by then

std::string date(std::int64_t at)
{
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(at)));
}

Diagnostic warning(std::string key, std::string message, std::string hint)
{
    Diagnostic found;
    found.severity = Severity::warning;
    found.key = std::move(key);
    found.message = std::move(message);
    found.hint = std::move(hint);
    return found;
}

void look_at_time(const ServedCertificate& one, const std::string& key, std::int64_t now,
                  TlsFindings& found)
{
    const auto warn = [&](std::string message) {
        found.problems.push_back(warning(key, one.file + std::move(message),
                                         "clients refuse it outside its time; renew it"));
    };
    if (now < one.begins) warn(" is not valid before " + date(one.begins));
    if (now > one.ends)
        warn(" has expired on " + date(one.ends));
    else if (now > one.ends - soon)
        warn(" expires on " + date(one.ends));
}

void look_at_key_file(const std::string& file, const std::string& key, TlsFindings& found)
{
    struct stat state{};
    if (::stat(file.c_str(), &state) != 0 || (state.st_mode & S_IROTH) == 0) return;
    found.problems.push_back(warning(key, file + " may be read by every user",
                                     "chmod o-r it: who has the key can be this gateway"));
}

} // namespace

TlsFindings look_at_tls(const config::Settings& settings, std::int64_t now)
{
    TlsFindings found;
    const auto servers = make_tls_servers(settings, nullptr);
    if (!servers) {
        found.problems.push_back(servers.error());
        return found;
    }
    for (std::size_t i = 0; i < servers->size(); ++i) {
        const auto key = fmt::format("listen[{}].tls", i);
        const auto& tls = settings.listen[i].tls;
        for (std::size_t n = 0; tls && n < tls->pairs.size(); ++n) {
            const auto& one = (*servers)[i].certificates[n];
            look_at_time(one, key, now, found);
            look_at_key_file(tls->pairs[n].key, key, found);
            if (one.names.empty()) {
                found.problems.push_back(warning(key, one.file + " is for no name",
                                                 "clients look at subjectAltName alone"));
            }
            found.lines.push_back(
                fmt::format("{}: TLS for {} ({}, until {})", settings.listen[i].address,
                            fmt::join(one.names, ", "), one.type, date(one.ends)));
        }
    }
    return found;
}

} // namespace gatehouse::gateway
