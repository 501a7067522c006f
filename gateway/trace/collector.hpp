#pragma once

#include "config/settings/tracing.hpp"
#include "gateway/trace/export_policy.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// `endpoint` with the path that OTLP has for spans, where it has none.
[[nodiscard]] std::string traces_url(std::string_view endpoint);

/// The way to a collector, for one thread. Certificates are verified, redirects are not followed,
/// and no proxy of the environment is asked.
class Collector {
public:
    Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;
    ~Collector();

    void use(const config::TracingSettings& settings);

    /// Sends one message. `give_up` is asked several times a second.
    [[nodiscard]] CollectorAnswer post(const std::string& message,
                                       const std::function<bool()>& give_up);

private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

} // namespace gatehouse::gateway
