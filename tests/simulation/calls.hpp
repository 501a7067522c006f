#pragma once

#include "tests/simulation/outcome.hpp"
#include "tests/simulation/world.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::simulation {

/// What a client keeps of a login.
struct Pair {
    std::string access;
    std::string refresh;
    std::string session;
};

/// Each of these is one request inside one process: it does what gateway/api does with it, and
/// tells the oracle what came out in the very moment of the answer.
class Calls {
public:
    explicit Calls(World& world) : world_(world) {}

    struct Answer {
        Outcome outcome = Outcome::again;
        std::optional<Pair> pair; // with ok, where there is one
    };

    Answer register_user(Process& process, Account& account, const std::string& password);
    Answer login(Process& process, Account& account, std::size_t password);
    Answer refresh(Process& process, const std::string& token);
    Answer verify(Process& process, const AccessToken& token);
    Answer logout(Process& process, const std::string& refresh_token);

    enum class SignOut { this_one, all, others };
    Answer sign_out(Process& process, Account& account, const Pair& pair, SignOut what);
    Answer revoke(Process& process, Account& account, const Pair& pair, const std::string& session);
    Answer change_password(Process& process, Account& account, const Pair& pair,
                           std::size_t current, const std::string& fresh);

    // An operator's.
    Answer block(Process& process, Account& account, bool blocked);
    Answer set_password(Process& process, Account& account, const std::string& fresh);
    Answer set_roles(Process& process, Account& account, const std::vector<std::string>& roles);
    Answer remove(Process& process, Account& account);
    Answer rotate_keys(Process& process);

private:
    struct Bearer {
        Outcome outcome = Outcome::ok;
        std::optional<auth::Principal> principal; // with ok
    };

    [[nodiscard]] Bearer bearer(Process& process, const Pair& pair);
    /// Where logouts are confirmed, an answer waits for that.
    void confirm(Process& process);
    void tell(Process& process, const std::string& what, std::string_view outcome);

    World& world_;
};

} // namespace gatehouse::simulation
