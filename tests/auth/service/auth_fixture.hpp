#pragma once

#include "auth/service/admin_service.hpp"
#include "auth/service/second_factors.hpp"
#include "auth/store/memory/memory_store.hpp"
#include "auth/tokens/authenticator.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::auth {

using namespace std::chrono_literals;

/// Stands still until told.
class FakeClock final : public Clock {
public:
    [[nodiscard]] Millis now() const noexcept override { return Millis{ms_.load()}; }

    void advance(std::chrono::milliseconds by) { ms_.store(ms_.load() + by); }

private:
    std::atomic<std::chrono::milliseconds> ms_{1'800'000'000'000ms};
};

/// Keeps what was recorded as text: "login invalid_credentials user=.. session=..".
class RecordingLog final : public SecurityLog {
public:
    void record(const SecurityEvent& event) noexcept override;
    /// Kind and outcome of all events so far, and forgets them.
    [[nodiscard]] std::vector<std::string> take();
    [[nodiscard]] std::string last_detail() const;
    /// Everything that was ever recorded, in one text.
    [[nodiscard]] std::string everything() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> recent_;
    std::string last_detail_;
    std::string all_;
};

/// A memory store that can be told to fail, and to do something between a caller's calls.
class TroubledStore : public MemoryStore {
public:
    std::atomic<bool> down{false};
    /// What happens just before the next conditional write of a rotation, once.
    void before_rotate(std::function<void()> what);
    /// What happens just before the next session comes into being, once.
    void before_create_session(std::function<void()> what);
    /// What happens just before the next password is set, once.
    void before_set_password(std::function<void()> what);

    Result<std::optional<User>, StoreError> find_user_by_name(std::string_view name) override;
    Result<std::optional<User>, StoreError> find_user(std::string_view id) override;
    Result<std::optional<Session>, StoreError> find_session(std::string_view id) override;
    Result<void, StoreError> create_user(const User& user, std::optional<std::string_view> invite,
                                         const Deed& deed) override;
    Result<void, StoreError> register_user(const User& user, std::optional<std::string_view> invite,
                                           const Session& session, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError>
    create_session(const Session& session, const Room& room, const Deed& deed) override;
    Result<bool, StoreError> rotate(std::string_view session_id, Generation from,
                                    const RotationTerms& terms, Millis now) override;
    Result<std::vector<std::string>, StoreError> set_password(std::string_view user_id,
                                                              std::string_view hash,
                                                              std::string_view keep_session,
                                                              const Deed& deed) override;
    Result<bool, StoreError> end_session(std::string_view session_id, const Deed& deed) override;
    Result<bool, StoreError> revoke_api_key(std::string_view id, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError>
    end_sessions_of(std::string_view user_id, std::string_view keep, const Deed& deed) override;

private:
    void interfere(std::function<void()>& with);

    std::mutex interference_;
    std::function<void()> before_rotate_;
    std::function<void()> before_create_session_;
    std::function<void()> before_set_password_;
};

/// Settings whose hashes are quick.
[[nodiscard]] config::Settings quick_settings();

/// A whole auth service in memory, as one process has it.
struct House {
    explicit House(const config::Settings& with = quick_settings());

    config::Settings settings;
    FakeClock clock;
    TroubledStore store;
    std::unique_ptr<KeyKeeper> keys;
    RevocationTable revocations;
    ApiKeyTable api_keys;
    PasswordHasher hasher;
    LoginThrottle throttle;
    SecondFactorSeal second_factor_seal;
    RecordingLog log;
    MailDesk mails{
        {store, throttle, clock, log}
    };
    SeenPairs seen; // used where a lost answer is repeated
    AuthService service;
    AdminService admin;
    Authenticator authenticator; // one worker's, warm after its first request

    /// A key as an operator makes it; this process has heard of it.
    IssuedApiKey api_key(const std::string& username, std::vector<std::string> scopes = {});

    /// As the thread that carries it does.
    void tell_store_what_was_seen();
    [[nodiscard]] HashPlace place();
    [[nodiscard]] Result<Grant, AuthError>
    register_user(const std::string& username, const std::string& password = "correct horse");
    [[nodiscard]] Result<Grant, AuthError> login(const std::string& username,
                                                 const std::string& password = "correct horse",
                                                 const std::string& address = "192.0.2.1");
    /// What the user's authenticator app shows `ahead` of now. Works on what is kept.
    [[nodiscard]] Secret app_code(const std::string& user_id, std::chrono::seconds ahead = 0s);

    [[nodiscard]] AuthService::SecondFactors second_factors()
    {
        return AuthService::SecondFactors(service);
    }

    /// Sets up a second factor, `ahead` of time so that codes of now are still good; returns the
    /// recovery codes.
    std::vector<Secret> set_up_second_factor(const Grant& grant);
    /// The second half of a login, with the answer to the first.
    [[nodiscard]] Result<Grant, AuthError> go_on(const Result<Grant, AuthError>& login,
                                                 const Secret& code,
                                                 const std::string& address = "192.0.2.1");
    /// Registers and insists on success.
    Grant joined(const std::string& username);
    Grant logged_in(const std::string& username);
    [[nodiscard]] Result<Grant, AuthError> refresh(const Secret& refresh_token);
    /// What a request with this access token meets at the gateway. On one thread at a time.
    [[nodiscard]] Result<Principal, TokenError> identify(const Secret& access_token);
    [[nodiscard]] Principal principal(const Grant& grant);
    [[nodiscard]] RefreshClaims claims(const Grant& grant) const;
};

inline const Caller somebody{"192.0.2.1", "test agent", "request-1"};

/// "ok" or the code: what a table compares.
template <class T>
std::string outcome(const Result<T, AuthError>& result)
{
    return result ? "ok" : std::string(to_string(result.error().kind));
}

} // namespace gatehouse::auth
