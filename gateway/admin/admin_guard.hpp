#pragma once

#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/service/admin_credential.hpp"
#include "auth/throttle/limited_table.hpp"
#include "auth/throttle/limits.hpp"
#include "config/routes/pattern.hpp"
#include "config/settings/settings.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Who may use the admin API: whoever shows its credential, on a unix socket root and the user of
/// this process, and no page in a browser. Safe from any thread.
class AdminGuard {
public:
    struct Rooms {
        const auth::Clock& clock;
        auth::SecurityLog& log; // hears of every refusal
    };

    /// The rooms outlive it.
    AdminGuard(auth::AdminCredential credential, const config::Settings& settings, Rooms rooms);

    /// Why this request is refused; nothing: it may go on. Refuses: forbidden (a Host that is not
    /// ours: a name that was bent to our address; another user of this machine), origin_forbidden
    /// (a page of a browser),
    /// token_missing, token_invalid, too_many_attempts (of those two, from one address).
    [[nodiscard]] std::optional<Refusal> stop(const LocalRequest& request);

private:
    [[nodiscard]] std::optional<Refusal> judged(const LocalRequest& request);
    [[nodiscard]] std::optional<Refusal> judged_by_user(const LocalRequest& request);
    [[nodiscard]] bool is_own_host(std::string_view host) const;
    [[nodiscard]] std::optional<Refusal> throttled(std::string_view address);

    const auth::AdminCredential credential_;
    const std::vector<config::HostPattern> hosts_;
    const auth::BucketLimit limit_;
    const uid_t own_user_;
    Rooms rooms_;
    std::mutex mutex_;
    auth::LimitedTable<auth::BucketState> refused_{128}; // guarded by mutex_; by address
};

} // namespace gatehouse::gateway
