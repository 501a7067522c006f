#pragma once

#include "config/basics/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Where a Redis is, and as whom and in which database we are there.
struct RedisAddress {
    bool tls = false;
    std::string host{}; // a name, or an IP address without brackets
    std::uint16_t port = 6379;
    std::string user{}; // empty: the one called "default"
    std::uint32_t database = 0;

    /// For logs: `redis://host:6379/0`, and not whose.
    [[nodiscard]] std::string shown() const;
};

/// Reads `redis://[user@]host[:port][/database]`; `rediss://` is TLS. A password in there is
/// refused: files with addresses are read by many. The error is what is wrong and the way out, and
/// repeats nothing of the address, which may have a password in it.
[[nodiscard]] Result<RedisAddress, std::string> parse_redis_address(std::string_view url);

/// Whether somebody may have written a password into what should be such a URL: then neither it nor
/// its line is shown to anybody.
[[nodiscard]] bool may_hold_password(std::string_view url);

} // namespace gatehouse::config
