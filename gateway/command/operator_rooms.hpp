#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/service/admin_service.hpp"
#include "auth/store/open_stores.hpp"
#include "config/settings/settings.hpp"
#include "gateway/command/confirm.hpp"
#include "gateway/command/console.hpp"

#include <memory>

namespace gatehouse::gateway {

/// What a command needs to change accounts, sessions and keys from a process of its own: the same
/// store as the gateway's. Gateways that run hear of each change through the store's feed.
class OperatorRooms {
public:
    /// Null: the store cannot be opened, or lives in another process's memory; it has been said.
    [[nodiscard]] static std::unique_ptr<OperatorRooms> open(config::Settings settings,
                                                             Console& console);

    [[nodiscard]] auth::AdminService& service() noexcept { return service_; }

    [[nodiscard]] const auth::PasswordHasher& hasher() const noexcept { return hasher_; }

    [[nodiscard]] auth::Store& store() noexcept { return *stores_.store; }

    /// See wait_until_confirmed.
    void confirm() const { wait_until_confirmed(stores_, settings_); }

    [[nodiscard]] const auth::Clock& clock() const noexcept { return clock_; }

    [[nodiscard]] const config::Settings& settings() const noexcept { return settings_; }

private:
    OperatorRooms(config::Settings settings, auth::OpenStores stores);

    const config::Settings settings_;
    auth::OpenStores stores_;
    auth::SystemClock clock_;
    auth::NoSecurityLog log_;
    auth::PasswordHasher hasher_;
    auth::AdminService service_;
};

} // namespace gatehouse::gateway
