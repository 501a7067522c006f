#pragma once

#include "auth/basics/clock.hpp"

#include <array>
#include <string_view>

namespace gatehouse::gateway {

/// A second as log lines say it, `2026-11-21T12:00:00`, formatted once for all lines of it.
class SecondText {
public:
    /// Valid until the next call.
    [[nodiscard]] std::string_view of(auth::Seconds second) noexcept
    {
        if (second != formatted_) format(second);
        return {text_.data(), text_.size()};
    }

private:
    void format(auth::Seconds second) noexcept;

    auth::Seconds formatted_{auth::Seconds::min()};
    std::array<char, 19> text_{};
};

} // namespace gatehouse::gateway
