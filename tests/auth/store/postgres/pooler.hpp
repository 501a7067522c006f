#pragma once

#include "tests/auth/store/postgres/server.hpp"

namespace gatehouse::auth::postgres {

/// A private pgbouncer in front of a Server, reached through a socket in a folder of its own, and
/// gone, also when this process dies.
class Pooler {
public:
    /// `mode` as pgbouncer calls it; `sessions`: how many of the server's it uses.
    explicit Pooler(const Server& server, const std::string& mode = "transaction",
                    int sessions = 3);
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;
    ~Pooler();

    /// The one of this test program, in front of Server::shared(): in transaction mode, and with
    /// so few sessions that each is given to everybody.
    [[nodiscard]] static Pooler& shared();

    [[nodiscard]] std::string url(const std::string& database = "postgres") const;

    /// Starts it again; returns when it listens.
    void start();
    /// Closes every connection and ends.
    void stop();

private:
    contract::TemporaryFolder folder_;
    pid_t process_ = -1;
};

} // namespace gatehouse::auth::postgres
