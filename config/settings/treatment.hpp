#pragma once

#include "config/settings/terms.hpp"

#include <string>
#include <vector>

namespace gatehouse::config {

/// A header and the template of its value.
struct HeaderLine {
    std::string name;
    std::string value;

    friend bool operator==(const HeaderLine&, const HeaderLine&) = default;
};

using HeaderLines = std::vector<HeaderLine>; // in the order of the file

/// What a route changes of the headers that pass. YAML: `request_headers`, `response_headers`.
struct HeaderChanges {
    HeaderLines set;
    HeaderLines add;
    std::vector<std::string> remove;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = HeaderChanges;
        table.key("set", &Self::set, forms::header_value,
                  "Headers that are there once, with this value, whatever came under the name.");
        table.key("add", &Self::add, forms::header_value,
                  "Headers that come behind what is there.");
        table.key("remove", &Self::remove, forms::header_name, "Headers that go no further.");
    }
};

enum class RedirectStatus { moved, found, see_other, temporary, permanent };

constexpr auto words(RedirectStatus)
{
    using enum RedirectStatus;
    return std::array{
        Word{"301", moved    },
        Word{"302", found    },
        Word{"303", see_other},
        Word{"307", temporary},
        Word{"308", permanent}
    };
}

[[nodiscard]] constexpr unsigned number_of(RedirectStatus status) noexcept
{
    constexpr std::array numbers{301U, 302U, 303U, 307U, 308U};
    return numbers[static_cast<std::size_t>(status)];
}

/// A route that answers by sending elsewhere. YAML: `redirect`.
struct RedirectSettings {
    std::string to;
    RedirectStatus status = RedirectStatus::permanent;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RedirectSettings;
        table.required("to", &Self::to, forms::redirect_target,
                       "Where to: a path (`/new/{rest}`) or a URL, in which `{host}` may stand for "
                       "the host, `{path}`, `{1}` and `{rest}` for the path and what the stars "
                       "matched, and `?{query}` for the query.");
        table.key("status", &Self::status, AsTyped{},
                  "307 and 308 keep method and body; browsers remember 301 and 308.");
    }
};

enum class SecurityHeaders { off, api, web };

constexpr auto words(SecurityHeaders)
{
    using enum SecurityHeaders;
    return std::array{
        Word{"off", off},
        Word{"api", api},
        Word{"web", web}
    };
}

} // namespace gatehouse::config
