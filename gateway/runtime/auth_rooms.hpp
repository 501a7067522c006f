#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/apikeys/api_key_table.hpp"
#include "auth/basics/clock.hpp"
#include "auth/mail/mail_desk.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/service/second_factor_seal.hpp"
#include "auth/store/failure_report.hpp"
#include "auth/store/open_stores.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/observe/auth_outcomes.hpp"
#include "gateway/runtime/audit_book.hpp"
#include "gateway/runtime/feeds.hpp"
#include "gateway/runtime/housekeeping.hpp"
#include "gateway/runtime/key_tender.hpp"
#include "gateway/runtime/seen_writer.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// Everything of one process that knows accounts and sessions: store, keys, revocations, the auth
/// service, the pools its blocking calls run on, and the feeds that tell what others did.
class AuthRooms {
public:
    /// Hears on any thread what an operator has to put right although everything runs.
    using Warn = std::function<void(std::string_view sentence)>;
    using KeysListener = std::function<void(std::shared_ptr<const auth::KeyRing>)>;

    /// Opens the store, loads or makes the keys, and loads what must be refused; while the store
    /// does not answer it tries again with growing pauses, until `give_up` says so.
    /// `settings` and `log` outlive the rooms; `on_store_failure` and `warn` are called on any
    /// thread. Error: a sentence for the operator.
    [[nodiscard]] static Result<std::unique_ptr<AuthRooms>, std::string>
    open(const config::Settings& settings, auth::SecurityLog& log,
         auth::FailureReport::Say on_store_failure, Warn warn,
         const std::function<bool()>& give_up);

    AuthRooms(const AuthRooms&) = delete;
    AuthRooms& operator=(const AuthRooms&) = delete;
    ~AuthRooms();

    /// Called with the key ring of this moment, and then with every new one on a thread of its own.
    void on_new_keys(KeysListener listener);

    /// Follows what a reload changed, as far as it concerns more than the next call.
    void use(const config::Settings& settings);

    /// Waits for everything the pools were given; they take nothing more.
    void finish_jobs();

    [[nodiscard]] const auth::Clock& clock() const noexcept { return clock_; }

    [[nodiscard]] const auth::RevocationTable& revocations() const noexcept { return revocations_; }

    [[nodiscard]] const auth::ApiKeyTable& api_keys() const noexcept { return api_keys_; }

    [[nodiscard]] const auth::KeyKeeper& keys() const noexcept { return *keys_; }

    /// What the auth API can do by these settings, which outlive it as these rooms do.
    [[nodiscard]] auth::AuthService service_by(const config::Settings& settings);

    // For the admin API, which does what a command does, in this process.

    [[nodiscard]] auth::Store& store() noexcept { return *store_; }

    [[nodiscard]] auth::PasswordHasher& hasher() noexcept { return hasher_; }

    [[nodiscard]] auth::RevocationTable& revocations() noexcept { return revocations_; }

    [[nodiscard]] auth::ApiKeyTable& api_keys() noexcept { return api_keys_; }

    [[nodiscard]] auth::KeyKeeper& keys() noexcept { return *keys_; }

    [[nodiscard]] AuditBook& audit() noexcept { return audit_; }

    /// Tells the listener of the keys of this moment.
    void hand_out_keys();

    [[nodiscard]] const Feeds& feeds() const noexcept { return feeds_; }

    /// Null unless logouts are confirmed.
    [[nodiscard]] auth::Confirmation* confirmation() noexcept { return feeds_.confirmation(); }

    /// Null unless it is watched which pairs are in use.
    [[nodiscard]] auth::SeenPairs* seen_pairs() noexcept { return seen_ ? &*seen_ : nullptr; }

    [[nodiscard]] const AuditBook& audit() const noexcept { return audit_; }

    /// Where calls leave what is to be mailed.
    [[nodiscard]] auth::MailDesk& mail_desk() noexcept { return mail_desk_; }

    /// What came of the calls of the auth API, in all generations of settings.
    [[nodiscard]] AuthOutcomes& outcomes() noexcept { return outcomes_; }

    [[nodiscard]] const AuthOutcomes& outcomes() const noexcept { return outcomes_; }

    /// Where gateways of these stores count together, and the key of what they count by; null and
    /// nothing where one process serves.
    [[nodiscard]] auth::SharedStates* shared_states() const noexcept
    {
        return stores_.shared_states();
    }

    [[nodiscard]] const std::optional<Secret>& shared_key() const noexcept { return shared_key_; }

    /// Each store that is asked over a connection or a file.
    [[nodiscard]] std::vector<StoreFacts> store_facts() const;

    [[nodiscard]] auth::PasswordHasher::Load hashes() const { return hasher_.load(); }

    /// Uses of pairs that nobody will hear of.
    [[nodiscard]] std::uint64_t seen_dropped() const noexcept
    {
        return seen_ ? seen_->dropped() : 0;
    }

    /// For calls that hash, and for those that only read and write the store.
    [[nodiscard]] boost::asio::thread_pool& hash_pool() noexcept { return hash_pool_; }

    [[nodiscard]] boost::asio::thread_pool& store_pool() noexcept { return store_pool_; }

    /// For logouts that wait for other replicas: nobody else has to wait behind them. Null unless
    /// logouts are confirmed.
    [[nodiscard]] boost::asio::thread_pool* confirm_pool() noexcept
    {
        return confirm_pool_ ? &*confirm_pool_ : nullptr;
    }

private:
    AuthRooms(const config::Settings& settings, auth::OpenStores stores,
              std::unique_ptr<auth::KeyKeeper> keys, std::unique_ptr<auth::LoginThrottle> throttle,
              auth::SecurityLog& log, auth::FailureReport::Say on_failure, Warn warn);
    [[nodiscard]] std::vector<Feeds::Source> sources();
    [[nodiscard]] bool catch_up(const std::function<bool()>& give_up);
    [[nodiscard]] bool reload_keys();

    AuthOutcomes outcomes_;
    auth::SystemClock clock_;
    auth::OpenStores stores_;
    auth::Store* store_; // of those
    std::unique_ptr<auth::KeyKeeper> keys_;
    auth::RevocationTable revocations_;
    auth::ApiKeyTable api_keys_;
    auth::PasswordHasher hasher_;
    std::unique_ptr<auth::LoginThrottle> throttle_;
    std::optional<Secret> shared_key_; // set before anybody asks
    auth::SecondFactorSeal second_factor_seal_;
    AuditBook audit_;
    auth::MailDesk mail_desk_;
    std::optional<auth::SeenPairs> seen_;
    std::optional<SeenWriter> seen_writer_;
    std::mutex listener_mutex_;
    KeysListener on_new_keys_;
    Feeds feeds_;
    auth::LogoutTerms logout_terms_;
    Housekeeping housekeeping_;
    KeyTender key_tender_;
    boost::asio::thread_pool hash_pool_;
    boost::asio::thread_pool store_pool_;
    std::optional<boost::asio::thread_pool> confirm_pool_;
};

} // namespace gatehouse::gateway
