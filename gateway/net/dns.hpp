#pragma once

#include "config/basics/result.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What is known of a name.
struct DnsAnswer {
    std::vector<std::string> addresses; // numeric, sorted, IPv4 in front of IPv6
    std::chrono::seconds ttl{};         // how long that holds
};

enum class DnsFailure : std::uint8_t {
    unknown,  // there is no such name, or it has no address
    no_answer // nobody answered, or nothing that can be read
};

/// Asks for the addresses of a name: the servers and domains of /etc/resolv.conf, or the one
/// `server`, "IPv4:port". Blocks, for some seconds at most.
[[nodiscard]] Result<DnsAnswer, DnsFailure> ask_dns(const std::string& name,
                                                    const std::string& server);

/// The same of the system, with all that it knows besides DNS, such as /etc/hosts: it says nothing
/// of how long that holds, and `ttl` is the longest there is.
[[nodiscard]] Result<DnsAnswer, DnsFailure> ask_system(const std::string& name);

/// Adds what a message answers to the question for A or AAAA: the addresses, and the lowest TTL of
/// all that led to them. More than `most_addresses` are left out.
/// Error: it is no message of DNS.
[[nodiscard]] Result<void, DnsFailure> add_answer(std::span<const std::uint8_t> message,
                                                  DnsAnswer& answer);

inline constexpr std::size_t most_addresses = 256;

} // namespace gatehouse::gateway
