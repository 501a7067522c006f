#pragma once

#include "config/settings/terms.hpp"

#include <string>
#include <variant>
#include <vector>

namespace gatehouse::config {

/// What a member of a drawn object is filled with. In YAML these words stand behind a `$`.
enum class Fill { id, username, email, role, roles, yes, access_token, refresh_token, expires_in };

constexpr auto words(Fill)
{
    using enum Fill;
    return std::array{
        Word{"id",            id           },
        Word{"username",      username     },
        Word{"email",         email        },
        Word{"role",          role         },
        Word{"roles",         roles        },
        Word{"true",          yes          },
        Word{"access_token",  access_token },
        Word{"refresh_token", refresh_token},
        Word{"expires_in",    expires_in   }
    };
}

/// A JSON object as an operator draws it: `{roles: $roles, note: hello, user: {_id: $id}}`. Behind
/// each name stands a text, something to fill in, or another object.
struct Shape {
    struct Member;
    std::vector<Member> members; // in the order of the file; empty: nothing was drawn

    /// Whether it is filled in anywhere in here.
    [[nodiscard]] bool shows(Fill wanted) const;

    friend bool operator==(const Shape& a, const Shape& b);
};

struct Shape::Member {
    std::string name;
    std::variant<std::string, Fill, Shape> value;

    friend bool operator==(const Member& a, const Member& b) = default;
};

inline bool operator==(const Shape& a, const Shape& b)
{
    return a.members == b.members;
}

inline bool Shape::shows(Fill wanted) const
{
    for (const auto& member : members) {
        const auto* fill = std::get_if<Fill>(&member.value);
        const auto* inner = std::get_if<Shape>(&member.value);
        if (fill != nullptr && *fill == wanted) return true;
        if (inner != nullptr && inner->shows(wanted)) return true;
    }
    return false;
}

/// What a shape may show.
struct Drawing {
    bool tokens = true; // else only what is known of the user
};

[[nodiscard]] constexpr bool may_show(Drawing drawing, Fill fill) noexcept
{
    return drawing.tokens || fill < Fill::access_token;
}

} // namespace gatehouse::config
