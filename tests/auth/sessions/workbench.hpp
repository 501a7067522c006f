#pragma once

#include "tests/auth/service/auth_fixture.hpp"
#include "tests/auth/sessions/interleaved_client.hpp"

#include <stdexcept>

namespace gatehouse::auth::interleaved {

/// A promise was broken; the message says which, by whom and where.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The user and the sessions of one walk; many walks share a store.
struct Cast {
    explicit Cast(int number);

    std::string user, shared, other;
};

/// Between the real services and the store: answers again what an operation had been told, lets
/// its next call through to the store, and stops it at the one after that.
class Tape final : public MemoryStore {
public:
    /// Thrown where the operation would go on: other clients may act here.
    struct Suspended {};

    explicit Tape(Store& store) : store_(store) {}

    void rewind(const Cast& cast, std::vector<Answer> answers);

    /// All answers, the new one last. Nothing is added by a call that ends an operation.
    [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }

    Result<std::optional<Session>, StoreError> find_session(std::string_view id) override;
    Result<std::optional<User>, StoreError> find_user(std::string_view id) override;
    Result<std::optional<User>, StoreError> find_user_by_name(std::string_view name) override;
    Result<bool, StoreError> rotate(std::string_view id, Generation from,
                                    const RotationTerms& terms, Millis now) override;
    Result<bool, StoreError> end_session(std::string_view id, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError>
    end_sessions_of(std::string_view user, std::string_view keep, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError> block_user(std::string_view user,
                                                            const Deed& deed) override;

private:
    /// The next answer on the tape, if this call was made before.
    [[nodiscard]] std::optional<Answer> recorded(Answer::To call);
    /// Lets one call through, and no second one.
    void let_through();
    [[nodiscard]] Result<std::optional<User>, StoreError>
    user_of(const Result<std::optional<User>, StoreError>& found);

    Store& store_;
    std::optional<Cast> cast_;
    std::vector<Answer> answers_;
    std::size_t played_ = 0;
    bool called_ = false;
};

/// Runs the real AuthService and AdminService on a store, one store call at a time, and judges what
/// each call did.
class Workbench {
public:
    Workbench(Store& store, const config::RefreshSettings& refresh);

    /// A user of its own whose sessions are as in the picture.
    [[nodiscard]] Cast stage(const Picture& picture);
    /// The cast is as in `before`, and the client's operation has heard `client.answers`. Makes its
    /// next call. Throws Violation.
    [[nodiscard]] Step step(const Cast& cast, const Picture& before, const Client& client);

private:
    [[nodiscard]] Picture look(const Cast& cast);
    void require_closed_door(const Cast& cast);
    /// What the caller learns: the generation of the token it holds afterwards, 0: refused.
    [[nodiscard]] Generation perform(const Cast& cast, const Client& client);

    Store& store_;
    FakeClock clock_;
    config::Settings settings_;
    Tape tape_;
    std::unique_ptr<KeyKeeper> keys_;
    RevocationTable revocations_;
    PasswordHasher hasher_;
    LoginThrottle throttle_;
    RecordingLog log_;
    AuthService service_;
    AdminService admin_;
    int casts_ = 0;
};

} // namespace gatehouse::auth::interleaved
