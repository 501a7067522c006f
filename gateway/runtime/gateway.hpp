#pragma once

#include "config/basics/result.hpp"
#include "config/load/load.hpp"
#include "config/settings/settings.hpp"
#include "gateway/net/given_sockets.hpp"
#include "gateway/sandbox/sandbox.hpp"
#include "gateway/service/service_manager.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {

class Reloader;

/// Where the settings came from, so that they can be read again.
struct SettingsSource {
    /// Reads them as they were read for the start. Empty: there is nothing to reload.
    std::function<config::Loaded()> load;
    std::vector<std::string> files; // whose content matters
};

/// What the command line adds to the settings.
struct StartOptions {
    /// React to SIGTERM and SIGINT with a drain (a second signal stops at once). Tests that run
    /// several gateways in one process switch it off.
    bool handle_signals = true;
    /// Take the place of the gateway that answers at `admin_api.socket`, if one does.
    bool take_over = false;
    /// With one, SIGHUP reloads. Without, it is one more request to stop, for a closed terminal
    /// should take a demo with it.
    SettingsSource source;
    ServiceTerms service{};
    /// What the process has given up already, for the log.
    Sandbox sandbox;
    /// Set by start(): whether a signal came while it waited for the store. A start that ends for
    /// it is nobody's mistake.
    bool* told_to_end = nullptr;
};

/// A whole gateway: stores, keys, pools, change feed, workers and the admin listener, composed
/// from one set of settings. Ready to serve once start() has returned.
class Gateway {
public:
    /// Loads keys and revocations (waiting for the store with backoff), then opens the listeners.
    /// `given` takes the place of what it would listen on.
    /// Error: a sentence for the operator (port in use, unreadable keys, foreign store file).
    [[nodiscard]] static Result<std::unique_ptr<Gateway>, std::string>
    start(config::Settings settings, const StartOptions& options, GivenSockets given = {});

    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    /// Stops at once if it still runs.
    ~Gateway();

    /// Ports in the order of `listen`, as the kernel gave them.
    [[nodiscard]] const std::vector<std::uint16_t>& ports() const noexcept;
    /// 0 when the admin address is off.
    [[nodiscard]] std::uint16_t admin_port() const noexcept;

    /// Null without a source of settings.
    [[nodiscard]] Reloader* reloader() noexcept;

    /// Blocks until the gateway has stopped. 0: drained; 1: drain.timeout cut requests off.
    [[nodiscard]] int wait();

private:
    struct Parts;
    explicit Gateway(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace gatehouse::gateway
