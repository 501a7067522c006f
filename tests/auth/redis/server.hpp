#pragma once

#include "auth/redis/connection.hpp"
#include "tests/auth/store/contract.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace gatehouse::auth::redis {

/// The value, or an exception that fails the test and says what went wrong.
template <class T>
T must(Result<T, Failure> result)
{
    if (!result) {
        throw std::runtime_error(std::string(to_string(result.error().trouble)) + ": " +
                                 result.error().detail);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// What went wrong; an exception where nothing did.
template <class T>
[[nodiscard]] Trouble trouble_in(const Result<T, Failure>& result)
{
    if (result) throw std::runtime_error("it went well");
    return result.error().trouble;
}

/// So late that a test which waits for it has failed anyway.
[[nodiscard]] inline Deadline late()
{
    return std::chrono::steady_clock::now() + std::chrono::seconds(20);
}

/// A private Redis that syncs before it answers: on a port of 127.0.0.1, in a temporary folder, and
/// gone, also when this process dies, with everything in it.
class Server {
public:
    /// `settings` are lines of redis.conf. With `tls` there is no other way in.
    explicit Server(std::vector<std::string> settings = {}, bool tls = false);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// The one of this test program, started when the first test asks.
    [[nodiscard]] static Server& shared();

    /// How to get in; tests change it to show how not to.
    [[nodiscard]] Place place() const;
    /// Waits while it is loading.
    [[nodiscard]] std::unique_ptr<Connection> connect() const;

    /// Starts it again; returns when it answers, be it that it is loading.
    void start();
    /// As by a power cut, but for the disk's cache.
    void kill();
    /// It stands still, and connections are accepted by the kernel only.
    void freeze() const;
    void thaw() const;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

private:
    [[nodiscard]] bool answers() const;

    contract::TemporaryFolder folder_;
    std::vector<std::string> settings_;
    bool tls_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

/// Makes NAME.crt and NAME.key in the folder: an authority, or a certificate it signed.
void make_authority(const std::filesystem::path& folder, const std::string& name);
void make_certificate(const std::filesystem::path& folder, const std::string& authority,
                      const std::string& name, const std::string& alternatives);

} // namespace gatehouse::auth::redis
