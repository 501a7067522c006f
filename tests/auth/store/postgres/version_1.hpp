#pragma once

#include "auth/store/postgres/connection.hpp"
#include "tests/auth/store/postgres/server.hpp"

#include <string>

namespace gatehouse::auth::postgres {

/// A program of version 1 in small: its tables and its statements, word for word. What it could do
/// it has to be able to do for as long as `usable_from` is 1. Everything throws Failure.
class Version1 {
public:
    /// Starts as that version did: makes the tables where there are none; throws where they are of
    /// no use to it.
    explicit Version1(const Server& server);

    void register_user(const std::string& user, const std::string& session);
    /// Generation `from` becomes the next one; false: it does not.
    bool refresh(const std::string& session, std::int64_t from);
    bool log_out(const std::string& session);
    /// The subjects of all changes after `after`, in order, a space behind each.
    [[nodiscard]] std::string story(std::int64_t after = 0);

private:
    Connection connection_;
};

} // namespace gatehouse::auth::postgres
