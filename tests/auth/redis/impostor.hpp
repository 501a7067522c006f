#pragma once

#include "auth/redis/connection.hpp"

#include <string>
#include <thread>
#include <vector>

namespace gatehouse::auth::redis {

/// A greeting as Redis gives it, with the PONG that follows.
inline constexpr const char* welcome =
    "%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    "+PONG\r\n";

/// Says to one client what a Redis never would: the next of `lines` each time something arrives.
/// After the last one it closes the connection if it is told to, or else says nothing.
class Impostor {
public:
    explicit Impostor(std::vector<std::string> lines, bool closes = false);
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;
    ~Impostor();

    [[nodiscard]] Place place() const;

private:
    void serve(const std::vector<std::string>& lines, bool closes) const;

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

} // namespace gatehouse::auth::redis
