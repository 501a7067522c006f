#pragma once

#include "auth/store/store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bench {

/// Somebody who has one session.
struct Person {
    std::string name;
    std::string user_id;
    std::string session_id;
    auth::Seconds issued_at{}; // of the session's first refresh token
    auth::Seconds expires_at{};
};

/// "NAME USER_ID SESSION_ID ISSUED_AT EXPIRES_AT"; nothing for anything else.
[[nodiscard]] std::optional<Person> person_from(const std::string& line);
/// The people of a file of such lines; ends the program where one is none.
[[nodiscard]] std::vector<Person> people_of(const std::string& path);
/// So many whom nobody knows.
[[nodiscard]] std::vector<Person> strangers(std::size_t count);

/// What their rows look like.
struct Shape {
    std::string password_hash;  // empty: one that no password has, of the usual length
    std::size_t superseded = 0; // generations before the current one of each session
};

[[nodiscard]] auth::User user_of(const Person& person, const Shape& shape);
[[nodiscard]] auth::Session session_of(const Person& person, const Shape& shape);

/// Registers all of them, from so many threads at a time. Ends the program where one is refused.
void settle(auth::Store& store, const std::vector<Person>& people, const Shape& shape,
            std::size_t threads);
/// Exchanges each one's refresh token so many times, in the same way.
void refresh(auth::Store& store, const std::vector<Person>& people, std::size_t times,
             std::size_t threads);
/// Ends the session of every `step`th of them in the same way; how many that were.
std::size_t end_every(std::size_t step, auth::Store& store, const std::vector<Person>& people,
                      std::size_t threads);

} // namespace gatehouse::bench
