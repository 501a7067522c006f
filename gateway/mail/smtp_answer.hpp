#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::gateway {

/// What came of handing one mail in.
struct SmtpAnswer {
    enum class Failure : std::uint8_t {
        none,
        connection, // no server, no TLS, no time
        login,      // it does not take our name and password
        answer      // it said no, by `status`
    };

    Failure failure = Failure::none;
    unsigned status = 0; // the last that the server said; 0: nothing
    std::string why{};
};

enum class Delivery : std::uint8_t {
    taken,
    again,  // later it may be taken
    refused // it never will be
};

/// RFC 5321, 4.2.1: 4yz asks for another try, 5yz says there is no point in it. A login that is
/// refused is a mistake of ours, and no mail is lost for it.
[[nodiscard]] Delivery judge(const SmtpAnswer& answer) noexcept;

/// How long to wait after that many tries: twice as long each time, up to half an hour.
[[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t tries,
                                                    std::chrono::seconds first) noexcept;

} // namespace gatehouse::gateway
