#pragma once

#include "auth/apikeys/api_key_table.hpp"
#include "auth/basics/clock.hpp"
#include "auth/revocation/logout_terms.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/store/store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// Forgets what no unexpired token can meet any more: each process in its revocation table, and
/// one of those that share a store, under a lease, in the store. On a thread of its own: deleting a
/// million rows must not delay a logout that travels the feed.
class Housekeeping {
public:
    struct Rooms {
        auth::Store& store;
        auth::RevocationTable& revocations;
        const auth::Clock& clock;
        auth::LogoutTerms& logout_terms;
        auth::ApiKeyTable* api_keys = nullptr;
    };

    /// Hears whose terms of logout differ from this gateway's, on the thread, whenever that is
    /// news.
    using Disagreement = std::function<void(std::span<const auth::Leases::Lease> others)>;

    struct Terms {
        /// How long the store remembers an ended session and a change. Longer than any access token
        /// lives and than any replica may be cut off from the feed.
        std::chrono::seconds retention{};
        /// How long audit records are kept.
        std::chrono::seconds keep_audit{};
        /// Who this process is, unlike any other.
        std::string holder;
        /// From one round to the next. Another process takes over where three were missed.
        std::chrono::milliseconds interval = std::chrono::minutes(1);
        Disagreement on_disagreement{};
    };

    static constexpr std::string_view lease = "housekeeping";

    Housekeeping(Rooms rooms, Terms terms);
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;
    ~Housekeeping();

    /// Tidies now and then every interval until stop(), which gives the lease up.
    void start();
    void stop() noexcept;

    /// From the next round on audit records are kept for so long.
    void use(std::chrono::seconds keep_audit) noexcept { keep_audit_ = keep_audit; }

    /// One round: forgets, and notes which API keys were used since the last one, all as of now: a
    /// write per round and key instead of one per request. A store that is unavailable is tidied
    /// the next time.
    void tidy();

private:
    void work();
    void declare_terms();
    void note_used_api_keys();
    /// One piece of each; true: there may be more.
    [[nodiscard]] bool forget_some();
    [[nodiscard]] bool take_lease();
    [[nodiscard]] bool forget_counts();
    [[nodiscard]] bool is_stopped();

    Rooms rooms_;
    const Terms terms_;
    std::atomic<std::chrono::seconds> keep_audit_;
    auth::Millis leased_until_{};     // as this process's clock tells it
    std::vector<std::string> others_; // the terms that were different the last time

    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
