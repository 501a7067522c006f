#pragma once

#include "config/routes/pattern.hpp"
#include "config/templates/text_template.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What the stars of a pattern stood for in a judged path that it matches, with their escapes.
struct Captures {
    std::string_view rest;               // of `**`; without the slash before it
    std::array<std::string_view, 9> one; // of each `*`
};

[[nodiscard]] Captures captures_of(const config::PathPattern& pattern,
                                   std::string_view path) noexcept;

/// A path made of another one.
class PathTemplate {
public:
    /// Both have been read and found good.
    PathTemplate(std::string_view match, config::TextTemplate text);

    /// The new path, in `out`. False: it is none that would be judged as it stands, and so nobody
    /// may see it. `path` is a NormalPath's text that the route matches; `params`: the route takes
    /// path parameters.  R23
    [[nodiscard]] bool expand(std::string_view path, bool params, std::string& out) const;

private:
    config::PathPattern pattern_;
    config::TextTemplate text_;
};

} // namespace gatehouse::gateway
