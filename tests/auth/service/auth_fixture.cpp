#include "auth_fixture.hpp"

namespace gatehouse::auth {

void RecordingLog::record(const SecurityEvent& event) noexcept
{
    const std::lock_guard lock(mutex_);
    recent_.push_back(std::string(to_string(event.kind)) + ' ' + std::string(event.outcome));
    last_detail_ = event.detail;
    for (const auto part : {event.outcome, event.user_id, event.session_id, event.address,
                            event.request_id, event.detail}) {
        all_ += part;
        all_ += ' ';
    }
    all_ += '\n';
}

std::vector<std::string> RecordingLog::take()
{
    const std::lock_guard lock(mutex_);
    return std::exchange(recent_, {});
}

std::string RecordingLog::last_detail() const
{
    const std::lock_guard lock(mutex_);
    return last_detail_;
}

std::string RecordingLog::everything() const
{
    const std::lock_guard lock(mutex_);
    return all_;
}

void TroubledStore::before_rotate(std::function<void()> what)
{
    const std::lock_guard lock(interference_);
    before_rotate_ = std::move(what);
}

void TroubledStore::before_create_session(std::function<void()> what)
{
    const std::lock_guard lock(interference_);
    before_create_session_ = std::move(what);
}

void TroubledStore::before_set_password(std::function<void()> what)
{
    const std::lock_guard lock(interference_);
    before_set_password_ = std::move(what);
}

void TroubledStore::interfere(std::function<void()>& with)
{
    std::function<void()> once;
    {
        const std::lock_guard lock(interference_);
        once.swap(with);
    }
    if (once) once(); // it may call the store itself
}

Result<std::optional<User>, StoreError> TroubledStore::find_user_by_name(std::string_view name)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::find_user_by_name(name);
}

Result<std::optional<User>, StoreError> TroubledStore::find_user(std::string_view id)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::find_user(id);
}

Result<std::optional<Session>, StoreError> TroubledStore::find_session(std::string_view id)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::find_session(id);
}

Result<void, StoreError> TroubledStore::create_user(const User& user,
                                                    std::optional<std::string_view> invite,
                                                    const Deed& deed)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::create_user(user, invite, deed);
}

Result<void, StoreError> TroubledStore::register_user(const User& user,
                                                      std::optional<std::string_view> invite,
                                                      const Session& session, const Deed& deed)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::register_user(user, invite, session, deed);
}

Result<std::vector<std::string>, StoreError>
TroubledStore::create_session(const Session& session, const Room& room, const Deed& deed)
{
    if (down) return StoreError::unavailable;
    interfere(before_create_session_);
    return MemoryStore::create_session(session, room, deed);
}

Result<bool, StoreError> TroubledStore::rotate(std::string_view session_id, Generation from,
                                               const RotationTerms& terms, Millis now)
{
    if (down) return StoreError::unavailable;
    interfere(before_rotate_);
    return MemoryStore::rotate(session_id, from, terms, now);
}

Result<std::vector<std::string>, StoreError>
TroubledStore::set_password(std::string_view user_id, std::string_view hash,
                            std::string_view keep_session, const Deed& deed)
{
    interfere(before_set_password_);
    return MemoryStore::set_password(user_id, hash, keep_session, deed);
}

Result<bool, StoreError> TroubledStore::revoke_api_key(std::string_view id, const Deed& deed)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::revoke_api_key(id, deed);
}

Result<bool, StoreError> TroubledStore::end_session(std::string_view session_id, const Deed& deed)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::end_session(session_id, deed);
}

Result<std::vector<std::string>, StoreError>
TroubledStore::end_sessions_of(std::string_view user_id, std::string_view keep, const Deed& deed)
{
    if (down) return StoreError::unavailable;
    return MemoryStore::end_sessions_of(user_id, keep, deed);
}

config::Settings quick_settings()
{
    config::Settings settings;
    settings.passwords.argon2_memory_bytes = 64 * 1024;
    settings.passwords.argon2_passes = 1;
    settings.throttle.device_cookie = false; // one of each cookie is easier to read
    settings.passwords.deadline = 10min;     // slow machines are not what these tests are about
    return settings;
}

namespace {

std::unique_ptr<KeyKeeper> keys_in_memory(const config::Settings& settings, const Clock& clock)
{
    auto keys = KeyKeeper::open(settings.tokens, "", clock);
    if (!keys) throw std::runtime_error("no keys");
    return *std::move(keys);
}

bool watches(const config::Settings& settings)
{
    return settings.refresh.lost_answer == config::LostAnswer::repeat;
}

} // namespace

/// Nothing is written beside a store that is not there.
static config::Settings in_memory(config::Settings settings)
{
    settings.store = "memory";
    return settings;
}

House::House(const config::Settings& with)
    : settings(with),
      keys(keys_in_memory(settings, clock)),
      hasher(settings.passwords),
      throttle(settings.throttle, clock),
      second_factor_seal(in_memory(settings)),
      service({store, *keys, revocations, hasher, throttle, clock, log, &api_keys,
               watches(settings) ? &seen : nullptr, &second_factor_seal, &mails},
              settings),
      admin({store, hasher, clock, log}, settings),
      authenticator(settings.tokens, revocations, keys->ring(), TokenCache::default_entries,
                    ClaimQuestions(settings),
                    settings.identity.proof ? settings.identity.proof->ttl
                                            : std::chrono::seconds(0))
{
    authenticator.take_api_keys(api_keys);
    authenticator.tell_of_pairs(watches(settings) ? &seen : nullptr);
}

IssuedApiKey House::api_key(const std::string& username, std::vector<std::string> scopes)
{
    auto issued = admin.create_api_key(username, {"", std::move(scopes), {}});
    EXPECT_TRUE(issued.has_value());
    if (!issued) return {};
    if (const auto stored = store.find_api_key(issued->key.id); *stored) api_keys.put(**stored);
    return *std::move(issued);
}

void House::tell_store_what_was_seen()
{
    const auto waiting = seen.waiting(SeenPairs::most_waiting);
    ASSERT_TRUE(store.mark_seen(waiting));
    seen.written(waiting);
}

HashPlace House::place()
{
    return *service.enter_hash_queue();
}

Result<Grant, AuthError> House::register_user(const std::string& username,
                                              const std::string& password)
{
    return service.register_user(
        {
            {username, {}, Secret(password), {}},
            {}
    },
        somebody, place());
}

Result<Grant, AuthError> House::login(const std::string& username, const std::string& password,
                                      const std::string& address)
{
    return service.login({username, {}, Secret(password), {}}, {address, "test agent", "request-2"},
                         place());
}

Grant House::joined(const std::string& username)
{
    auto grant = register_user(username);
    EXPECT_EQ(outcome(grant), "ok");
    return grant ? *grant : Grant{};
}

Grant House::logged_in(const std::string& username)
{
    auto grant = login(username);
    EXPECT_EQ(outcome(grant), "ok");
    return grant ? *grant : Grant{};
}

Result<Grant, AuthError> House::refresh(const Secret& refresh_token)
{
    const auto claims = service.check_refresh_token(refresh_token.reveal());
    if (!claims) return claims.error();
    return service.refresh(*claims, somebody);
}

Result<Principal, TokenError> House::identify(const Secret& access_token)
{
    const auto found = authenticator.identify(access_token.reveal(), clock.seconds());
    if (!found) return found.error();
    return **found;
}

Principal House::principal(const Grant& grant)
{
    const auto found = identify(grant.access_token);
    EXPECT_TRUE(found.has_value()) << found.error();
    return found ? *found : Principal{};
}

RefreshClaims House::claims(const Grant& grant) const
{
    const auto claims = service.check_refresh_token(grant.refresh_token.reveal());
    EXPECT_TRUE(claims.has_value());
    return claims ? *claims : RefreshClaims{};
}

Secret House::app_code(const std::string& user_id, std::chrono::seconds ahead)
{
    const auto factor = store.find_second_factor(user_id);
    const auto seal = second_factor_seal.for_opening();
    if (!factor || !*factor || !seal) return {};
    const auto opened = seal->open((*factor)->sealed, SecondFactorSeal::name_of(user_id));
    EXPECT_TRUE(opened.has_value());
    if (!opened) return {};
    const auto step = totp_step(clock.seconds() + ahead);
    return Secret(hotp(opened->text, static_cast<std::uint64_t>(step)));
}

std::vector<Secret> House::set_up_second_factor(const Grant& grant)
{
    const auto who = principal(grant);
    EXPECT_EQ(outcome(second_factors().begin_totp(who, Secret("correct horse"), somebody, place())),
              "ok");
    const auto codes = second_factors().confirm_totp(who, app_code(grant.user.id), somebody);
    EXPECT_EQ(outcome(codes), "ok");
    clock.advance(60s); // the code of now is a fresh one
    return codes ? *codes : std::vector<Secret>();
}

Result<Grant, AuthError> House::go_on(const Result<Grant, AuthError>& login, const Secret& code,
                                      const std::string& address)
{
    EXPECT_EQ(outcome(login), "second_factor_required");
    if (login || !login.error().next) return AuthError(AuthError::Kind::not_found);
    return second_factors().login_with_code({login.error().next->login_token, code, {}},
                                            {address, "test agent", "request-3"});
}

} // namespace gatehouse::auth
