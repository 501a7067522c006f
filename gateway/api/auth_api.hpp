#pragma once

#include "auth/basics/clock.hpp"
#include "auth/revocation/confirmation.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/principal.hpp"
#include "config/settings/settings.hpp"
#include "gateway/api/form_body.hpp"
#include "gateway/api/refresh_joiner.hpp"
#include "gateway/api/verify.hpp"
#include "gateway/observe/auth_outcomes.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/pipeline/session_renewal.hpp"
#include "gateway/portal/portal.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// The auth API (docs/API.md): what `auth/service` can do, in HTTP. One for all workers, and one
/// for each generation of settings.
class AuthApi final : public LocalEndpoint, public SessionRenewer {
public:
    /// All of them outlive the endpoint.
    struct Rooms {
        auth::AuthService& service;
        const auth::KeyKeeper& keys;
        const auth::Clock& clock;
        boost::asio::thread_pool& hash_pool;
        boost::asio::thread_pool& store_pool;
        /// Null: a logout is answered as soon as it is stored and this process knows.
        auth::Confirmation* confirmation = nullptr;
        boost::asio::thread_pool* confirm_pool = nullptr; // set with it
        AuthOutcomes* outcomes = nullptr;                 // null: nobody wants to know
    };

    /// What goes on from one generation to the next.
    struct Queues {
        RefreshJoiner joiner;
        std::atomic<std::uint32_t> waiting_for_store{0};
    };

    /// `settings` outlive it.
    AuthApi(Rooms rooms, const config::Settings& settings,
            std::shared_ptr<Queues> queues = std::make_shared<Queues>());

    Task<LocalResponse> answer(const LocalRequest& request) override;
    Task<Renewed> renew(const Renewal& renewal, const LocalRequest& request) override;

    /// Every call as "POST /login", below the prefix, for whoever compares them with the document.
    [[nodiscard]] static std::vector<std::string> calls_by_name();

private:
    struct Call;
    static const Call calls[];
    struct ItemCall;
    static const ItemCall item_calls[];

    /// Where a call is, as the settings have it.
    struct Place {
        std::string path;
        std::string methods; // as in Allow; empty: any
        Task<LocalResponse> (AuthApi::*answer)(const LocalRequest&) = nullptr;
        AuthCall counted_as{};
    };

    [[nodiscard]] static std::vector<Place> places_of(const config::AuthApiSettings& settings);

    /// The answer of a call, counted when it is there.
    [[nodiscard]] Task<LocalResponse> counted(AuthCall call, Task<LocalResponse> answering);
    void note(AuthCall call, const std::optional<Refusal>& refusal) const noexcept;
    [[nodiscard]] Task<Renewed> try_to_renew(const Renewal& renewal, const LocalRequest& request);

    /// Who calls, by a token: what changes an account or a session is not for API keys.
    [[nodiscard]] Result<auth::Principal, Refusal> bearer_of(const LocalRequest& request) const;
    /// Who calls, by a token or an API key.
    [[nodiscard]] Result<auth::Principal, Refusal> anyone_of(const LocalRequest& request) const;
    /// For cookie-carried calls.
    [[nodiscard]] bool is_foreign_page(const LocalRequest& request) const;
    /// Refused where too many calls wait for the store already, or one waited too long.
    template <class Job>
    [[nodiscard]] Task<std::invoke_result_t<Job&>> on_store(const LocalRequest& request, Job job);

    /// For calls that ended sessions: waits until every live replica refuses them, where that is
    /// wanted. Then `outcome`, as it was.
    [[nodiscard]] Task<Result<void, auth::AuthError>>
    confirmed(Result<void, auth::AuthError> outcome);

    // One function per call, in the order of docs/API.md.
    Task<LocalResponse> register_user(const LocalRequest& request);
    Task<LocalResponse> login(const LocalRequest& request);
    Task<LocalResponse> refresh(const LocalRequest& request);
    Task<LocalResponse> logout(const LocalRequest& request);
    Task<LocalResponse> logout_all(const LocalRequest& request);
    Task<LocalResponse> logout_others(const LocalRequest& request);
    Task<LocalResponse> me(const LocalRequest& request);
    Task<LocalResponse> change_names(const LocalRequest& request);
    Task<LocalResponse> delete_account(const LocalRequest& request);
    Task<LocalResponse> copy_account(const LocalRequest& request);
    Task<LocalResponse> list_sessions(const LocalRequest& request);
    Task<LocalResponse> revoke_session(const LocalRequest& request);
    Task<LocalResponse> change_password(const LocalRequest& request);
    Task<LocalResponse> forgot_password(const LocalRequest& request);
    Task<LocalResponse> reset_password(const LocalRequest& request);
    Task<LocalResponse> verify_email(const LocalRequest& request);
    Task<LocalResponse> send_verification(const LocalRequest& request);
    Task<LocalResponse> list_api_keys(const LocalRequest& request);
    Task<LocalResponse> revoke_api_key(const LocalRequest& request);
    Task<LocalResponse> revoke_token(const LocalRequest& request);
    Task<LocalResponse> introspect(const LocalRequest& request);
    Task<LocalResponse> second_factor(const LocalRequest& request);
    Task<LocalResponse> begin_totp(const LocalRequest& request);
    Task<LocalResponse> confirm_totp(const LocalRequest& request);
    Task<LocalResponse> remove_totp(const LocalRequest& request);
    Task<LocalResponse> renew_recovery_codes(const LocalRequest& request);
    Task<LocalResponse> login_with_code(const LocalRequest& request);
    Task<LocalResponse> step_up(const LocalRequest& request);
    Task<LocalResponse> verify(const LocalRequest& request);
    Task<LocalResponse> passkey_register_options(const LocalRequest& request);
    Task<LocalResponse> passkey_register(const LocalRequest& request);
    Task<LocalResponse> passkey_login_options(const LocalRequest& request);
    Task<LocalResponse> passkey_login(const LocalRequest& request);
    Task<LocalResponse> list_passkeys(const LocalRequest& request);
    Task<LocalResponse> rename_passkey(const LocalRequest& request);
    Task<LocalResponse> delete_passkey(const LocalRequest& request);
    Task<LocalResponse> document(const LocalRequest& request);
    [[nodiscard]] LocalResponse jwks(const LocalRequest& request) const;

    /// The service that calls, if it shows a credential; the answer, if that is a bad one.
    [[nodiscard]] Result<std::optional<auth::Principal>, LocalResponse>
    client_of(const LocalRequest& request, const Form& form) const;
    [[nodiscard]] bool holds_cookie_of(std::string_view session_id,
                                       const LocalRequest& request) const;
    Task<LocalResponse> ended_by_revocation(const LocalRequest& request,
                                            Result<void, auth::AuthError> stored,
                                            std::string user_id, std::string session_id);
    Task<LocalResponse> logout_by_token(const LocalRequest& request, const Secret& token);

    Rooms rooms_;
    const config::Settings& settings_;
    const std::vector<Place> places_;
    const HeaderPolicy policy_;
    const Portal portal_;
    const std::shared_ptr<Queues> queues_;
};

} // namespace gatehouse::gateway
