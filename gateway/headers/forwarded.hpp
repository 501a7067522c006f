#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// What one proxy says of whom it got a request from. Views into the field; empty: nothing.
struct ForwardedHop {
    std::string_view
        address; // without brackets and port; empty too: `unknown`, or a name like `_x`
    std::string_view proto;
    std::string_view host;
};

/// More proxies than stand behind one another anywhere.
inline constexpr std::size_t most_hops = 32;

/// One line of Forwarded: a list of hops, the nearest one last. Of a longer one the nearest count.
class ForwardedLine {
public:
    /// Nothing: it is not one, and nothing in it counts. Blanks around `;` are taken, since many
    /// write them; quotes are, but a backslash in them names nobody.
    /// RFC 7239, 4 and 6
    [[nodiscard]] static std::optional<ForwardedLine> read(std::string_view line) noexcept;

    [[nodiscard]] std::size_t size() const noexcept
    {
        return count_ < most_hops ? count_ : most_hops;
    }

    /// 0 is the nearest.
    [[nodiscard]] const ForwardedHop& from_end(std::size_t place) const noexcept
    {
        return hops_[(count_ - 1 - place) % most_hops];
    }

private:
    void add(const ForwardedHop& hop) noexcept { hops_[count_++ % most_hops] = hop; }

    std::array<ForwardedHop, most_hops> hops_;
    std::size_t count_ = 0;
};

/// `192.0.2.1:80` and `[2001:db8::1]:80` without the port; what has none stays as it is.
[[nodiscard]] std::string_view without_port(std::string_view text) noexcept;

} // namespace gatehouse::gateway
