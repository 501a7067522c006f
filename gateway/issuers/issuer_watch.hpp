#pragma once

#include "auth/tokens/issuers.hpp"
#include "auth/tokens/key_wishes.hpp"
#include "config/settings/settings.hpp"
#include "gateway/issuers/issuer_facts.hpp"
#include "gateway/issuers/key_fetch.hpp"
#include "gateway/issuers/key_plan.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// What became of the keys of an issuer, for the log.
struct IssuerNews {
    enum class What : std::uint8_t {
        failed,  // told once until it is well again, and every few minutes
        well,    // again, or for the first time
        changed, // other keys than before
        stale    // they count no more
    };

    What what = What::failed;
    std::string name;
    std::string why;          // of `failed`
    std::size_t keys = 0;     // of `well` and `changed`
    std::size_t left_out = 0; // the same
};

/// One answer of an issuer, by its settings: discovery where that is needed, and the keys.
struct KeyAnswer {
    std::shared_ptr<const auth::IssuerKeys> keys; // null: see `why`
    std::string published;                        // the text they were read from
    std::optional<std::chrono::seconds> max_age;
    std::string why;
};

[[nodiscard]] KeyAnswer ask_issuer(KeyFetch& fetch, const config::IssuerSettings& issuer,
                                   const std::function<bool()>& give_up);

/// Fetches the keys of issuers for all workers, beside the requests, on threads of its own: one for
/// each issuer that is to be asked as far as `most_threads` goes, so that one that hangs holds up
/// no other. No two fetches are ever for the same keys. An answer that is of no use changes nothing
/// until `stale_for` is over.
class IssuerWatch {
public:
    static constexpr std::size_t most_threads = 8;

    struct Rooms {
        /// Blocks, and gives up when it is told to. On several threads at once.
        std::function<KeyAnswer(const config::IssuerSettings&, const std::function<bool()>&)> ask;
        /// Hears of each change, on a thread of the watch; of one after the other.
        std::function<void(const std::shared_ptr<const auth::FetchedKeys>&)> on_change;
        std::function<void(const IssuerNews&)> tell;
    };

    explicit IssuerWatch(Rooms rooms);
    IssuerWatch(const IssuerWatch&) = delete;
    IssuerWatch& operator=(const IssuerWatch&) = delete;
    ~IssuerWatch();

    /// These from now on. From any thread.
    void use(const config::Settings& settings);
    /// Ends the threads, and fetches that are under way.
    void stop() noexcept;

    /// Where workers say which keys they miss.
    [[nodiscard]] auth::KeyWishes& wishes() noexcept { return wishes_; }

    /// How each of them does; from any thread.
    [[nodiscard]] std::vector<IssuerFacts> facts() const;

private:
    using Clock = KeyPlan::Clock;

    struct Watched {
        config::IssuerSettings settings;
        std::string name;
        KeyPlan plan;
        std::string published{};
        std::uint64_t fetched = 0;
        std::uint64_t failures = 0;
        bool failing = false;
        Clock::time_point next_telling{};
    };

    void run() noexcept;
    void hear_wishes(Clock::time_point now);
    /// The source of one that is due; "" after a wait.
    [[nodiscard]] std::string next_due(std::unique_lock<std::mutex>& lock);
    void fetch(const std::string& source, std::unique_lock<std::mutex>& lock);
    [[nodiscard]] IssuerNews take(Watched& watched, const std::string& source, KeyAnswer answer,
                                  bool& is_new);
    void forget_stale(Clock::time_point now, std::unique_lock<std::mutex>& lock);
    void hand_out(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] double chance();

    const Rooms rooms_;
    auth::KeyWishes wishes_;
    std::atomic<bool> stopping_{false};
    std::mutex handing_out_;
    mutable std::mutex mutex_;
    std::condition_variable woken_;
    // Guarded by mutex_:
    std::map<std::string, Watched> watched_; // by auth::key_source_of()
    std::set<std::string> asked_;            // whose fetch is under way
    auth::FetchedKeys keys_;
    bool has_wishes_ = false;
    Clock::time_point next_hearing_{};
    std::vector<std::thread> threads_;
};

} // namespace gatehouse::gateway
