#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

/// Browsers let a page ask for passkeys of its own domain and of those above it.
bool is_at_or_below(std::string_view host, std::string_view domain)
{
    if (host == domain) return true;
    return host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
}

/// Plain HTTP is for this machine alone.
bool may_use_passkeys(std::string_view origin, std::string_view host)
{
    return origin.starts_with("https://") || is_at_or_below(host, "localhost");
}

void judge_origin(const std::string& origin, const std::string& rp_id, const std::string& key,
                  const Node& root, Report& report)
{
    if (report.blames(key)) return;
    const auto host = host_of_origin(origin);
    const auto& node = nearest_node(root, key);
    if (enforced("config.passkey_origin_below") && !is_at_or_below(host, rp_id)) {
        report.error(node, key,
                     {fmt::format("{} is neither {} nor below it: browsers would refuse",
                                  quoted(node, origin), rp_id),
                      "set passkeys.rp_id to the domain that all origins share, or remove this "
                      "one"});
    } else if (enforced("config.passkey_origin_secure") && !may_use_passkeys(origin, host)) {
        report.error(node, key,
                     {fmt::format("{} is no secure page, and browsers have passkeys on no other",
                                  quoted(node, origin)),
                      "write https://, or use http://localhost for trying"});
    }
}

} // namespace

void validate_passkeys(const Settings& settings, const Node& root, Report& report)
{
    const auto& passkeys = settings.passkeys;
    if (report.blames("passkeys.rp_id")) return;
    if (!passkeys.is_on()) {
        if (root.find("passkeys") == nullptr) return;
        report.warning(nearest_node(root, "passkeys"), "passkeys",
                       {"has no rp_id: every call about passkeys answers 501 not_configured",
                        "write the domain of your pages, for example rp_id: example.com"});
        return;
    }
    if (passkeys.rp_id == "localhost" && passkeys.origins.empty()) {
        report.warning(nearest_node(root, "passkeys.rp_id"), "passkeys.rp_id",
                       {"stands for https://localhost alone, without a port",
                        "list the origins of your pages, for example "
                        "origins: [\"http://localhost:8080\"]"});
    }
    for (std::size_t i = 0; i < passkeys.origins.size(); ++i) {
        judge_origin(passkeys.origins[i], passkeys.rp_id, fmt::format("passkeys.origins[{}]", i),
                     root, report);
    }
}

} // namespace gatehouse::config
