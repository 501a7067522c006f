#pragma once

#include "tests/auth/store/contract.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace gatehouse::auth::postgres {

/// A private PostgreSQL: its own cluster in a temporary folder, reached through a socket in there
/// and in no other way, with fsync on, owned by an ordinary user (PostgreSQL refuses root), and
/// gone, also when this process dies, with everything in it.
class Server {
public:
    /// `settings` such as "fsync=off" go to the server's command line.
    explicit Server(std::vector<std::string> settings = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// The one of this test program, started when the first test asks.
    [[nodiscard]] static Server& shared();

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string url(const std::string& user) const;

    /// Where its socket is.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

    /// Starts it again; returns when it lets clients in.
    void start();
    /// Closes every connection and stops in good order.
    void stop();
    /// Stops as by a power cut, but for the disk's cache.
    void kill();
    /// Every process of the server stands still, and connections are accepted by the kernel only.
    void freeze() const;
    void thaw() const;

    /// Runs SQL as the owner, on a connection of its own.
    void execute(const std::string& sql) const;
    /// The first column of the first row.
    [[nodiscard]] std::string ask(const std::string& sql) const;
    /// From now on this user has to say a password.
    void require_password(const std::string& user) const;
    /// Whether new transactions may write, also on connections that exist.
    void set_read_only(bool read_only) const;
    /// Lets every connection but its own be closed by the server.
    void close_connections() const;

private:
    void signal_all(int signal) const;
    void end(int signal);

    contract::TemporaryFolder folder_;
    std::vector<std::string> settings_;
    pid_t postmaster_ = -1;
};

} // namespace gatehouse::auth::postgres
