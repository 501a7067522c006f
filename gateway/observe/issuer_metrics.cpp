#include "gateway/observe/metrics.hpp"

namespace gatehouse::gateway {

using enum MetricType;

void write_issuer_metrics(MetricsWriter& out, const std::vector<IssuerFacts>& issuers)
{
    out.family("gatehouse_issuer_keys", gauge,
               "Keys of another issuer that count now; 0: its tokens get 503.");
    for (const auto& each : issuers) {
        out.sample(
            {
                {"issuer", each.name}
        },
            std::uint64_t{each.keys});
    }
    out.family("gatehouse_issuer_keys_age_seconds", gauge,
               "Since the keys of an issuer were fetched last.");
    for (const auto& each : issuers) {
        if (!each.age_seconds) continue;
        out.sample(
            {
                {"issuer", each.name}
        },
            *each.age_seconds);
    }
    out.family("gatehouse_issuer_fetches", counter,
               "How often the keys of an issuer were asked for.");
    for (const auto& each : issuers) {
        out.sample(
            {
                {"issuer", each.name},
                {"result", "ok"     }
        },
            each.fetched);
        out.sample(
            {
                {"issuer", each.name},
                {"result", "failed" }
        },
            each.failures);
    }
}

} // namespace gatehouse::gateway
