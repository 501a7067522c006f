#include "gateway/mail/smtp_answer.hpp"

#include <algorithm>

namespace gatehouse::gateway {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds longest_pause = 30min;

} // namespace

Delivery judge(const SmtpAnswer& answer) noexcept
{
    switch (answer.failure) {
    case SmtpAnswer::Failure::none:
        return Delivery::taken;
    case SmtpAnswer::Failure::connection:
    case SmtpAnswer::Failure::login:
        return Delivery::again;
    case SmtpAnswer::Failure::answer:
        break;
    }
    return answer.status >= 500 && answer.status < 600 ? Delivery::refused : Delivery::again;
}

std::chrono::milliseconds pause_after(std::uint32_t tries, std::chrono::seconds first) noexcept
{
    const auto doublings = std::min(tries == 0 ? 0U : tries - 1, 16U);
    const auto pause = std::chrono::milliseconds(first) * (1U << doublings);
    return std::min(pause, std::max<std::chrono::milliseconds>(longest_pause, first));
}

} // namespace gatehouse::gateway
