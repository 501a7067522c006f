#pragma once

#include "config/settings/terms.hpp"

#include <string>

namespace gatehouse::config {

/// Whose `traceparent`, `tracestate` and `baggage` are believed.
enum class TraceTrust { always, trusted_proxies, never };

constexpr auto words(TraceTrust)
{
    using enum TraceTrust;
    return std::array{
        Word{"always",          always         },
        Word{"trusted_proxies", trusted_proxies},
        Word{"never",           never          }
    };
}

/// What becomes of `baggage`, which a client fills as it likes.
enum class Baggage { forward, drop };

constexpr auto words(Baggage)
{
    using enum Baggage;
    return std::array{
        Word{"forward", forward},
        Word{"drop",    drop   }
    };
}

/// How requests are followed through services. YAML: `tracing`.
struct TracingSettings {
    TraceTrust trust = TraceTrust::always;
    Baggage baggage = Baggage::forward;

    /// Whether the trace of a client is believed that is one of `trusted_proxies`, or is not.
    [[nodiscard]] bool believes(bool peer_trusted) const noexcept
    {
        return trust == TraceTrust::always ||
               (trust == TraceTrust::trusted_proxies && peer_trusted);
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = TracingSettings;
        table.key("trust", &Self::trust, AsTyped{},
                  "Whose `traceparent`, `tracestate` and `baggage` are believed; others' requests "
                  "begin a trace of their own, and their baggage ends here.");
        table.key(
            "baggage", &Self::baggage, AsTyped{},
            "What becomes of the `baggage` of those who are believed: upstreams get it, if it "
            "is as the standard has it, or nobody does.");
    }
};

} // namespace gatehouse::config
