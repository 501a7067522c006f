#pragma once

#include "auth/sessions/session.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// All interleavings of a few clients: what one client does, store call by store call.
namespace gatehouse::auth::interleaved {

/// One user with two sessions. The clients share the first, as the tabs of a browser do, or a
/// browser and whoever copied its token.
struct Picture {
    Generation generation = 1; // of the shared session
    bool ended = false;        // the shared session
    bool other_ended = false;  // the user's other session
    bool blocked = false;

    auto operator<=>(const Picture&) const = default;
};

enum class Act : std::uint8_t { refresh, logout, logout_all, block };
inline constexpr Act every_act[] = {Act::refresh, Act::logout, Act::logout_all, Act::block};

/// What a store call answered in the middle of an operation.
struct Answer {
    enum class To : std::uint8_t { find_session, find_user, rotate } to{};
    Generation generation = 0; // of the session that was found
    bool flag = false;         // it had ended; the user was blocked; the rotation was done

    auto operator<=>(const Answer&) const = default;
};

struct Client {
    std::uint8_t done = 0; // operations behind it
    Generation token = 0;  // of the newest refresh token that reached it
    std::optional<Act> act = {};
    bool out_before = false; // the session had ended when this operation began
    std::vector<Answer> answers = {};

    auto operator<=>(const Client&) const = default;

    /// Whatever it was doing is over, for it was done or for the client was cut off.
    void finish();
};

/// What one more store call made of the store and of the client that made it.
struct Step {
    Picture after;
    Client client;
    bool finished = false; // the operation is over and its caller has the answer

    bool operator==(const Step&) const = default;
};

/// For messages: "refresh with generation 3, which read [session 3 live][user fine]".
[[nodiscard]] std::string describe(const Client& client);
[[nodiscard]] std::string describe(const Picture& picture);

} // namespace gatehouse::auth::interleaved
