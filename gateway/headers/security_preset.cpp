#include "gateway/headers/security_preset.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <array>

namespace gatehouse::gateway {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

/// Answers that are data: nothing in them may be run, framed or guessed at.
constexpr std::array<Row, 5> for_apis{
    {{"X-Content-Type-Options", "nosniff"},
     {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
     {"X-Frame-Options", "DENY"},
     {"Referrer-Policy", "no-referrer"},
     {"Cross-Origin-Resource-Policy", "same-origin"}}
};

/// Pages: what breaks next to none of them. A policy of content is the page's own to write.
constexpr std::array<Row, 4> for_pages{
    {{"X-Content-Type-Options", "nosniff"},
     {"X-Frame-Options", "SAMEORIGIN"},
     {"Referrer-Policy", "strict-origin-when-cross-origin"},
     {"Cross-Origin-Opener-Policy", "same-origin-allow-popups"}}
};

} // namespace

std::span<const Row> preset_of(config::SecurityHeaders preset) noexcept
{
    switch (preset) {
    case config::SecurityHeaders::off:
        break;
    case config::SecurityHeaders::api:
        return for_apis;
    case config::SecurityHeaders::web:
        return for_pages;
    }
    return {};
}

void PresetWriter::saw(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (equal_ignoring_case(name, fields_[i].first)) seen_ |= 1U << i;
    }
}

void PresetWriter::write(HeadWriter& out) const noexcept
{
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const bool seen = (seen_ & (1U << i)) != 0;
        if (seen && enforced("headers.preset_own_word")) continue;
        out.field(fields_[i].first, fields_[i].second);
    }
}

} // namespace gatehouse::gateway
