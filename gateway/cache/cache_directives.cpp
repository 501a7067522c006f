#include "gateway/cache/cache_directives.hpp"

#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using std::chrono::seconds;

/// One element off the front of `list`; a comma between quotation marks does not end it. Nothing:
/// the list ends inside of them.
std::optional<std::string_view> take_element(std::string_view& list) noexcept
{
    bool quoted = false;
    std::size_t at = 0;
    for (; at < list.size(); ++at) {
        const char c = list[at];
        if (quoted && c == '\\') {
            ++at;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            break;
        }
    }
    if (quoted || at > list.size()) return std::nullopt;
    const auto element = trimmed(list.substr(0, at));
    list.remove_prefix(std::min(at + 1, list.size()));
    return element;
}

void take_time(CacheDirectives::Time& time, std::string_view value) noexcept
{
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    const auto told = parse_delta(value).value_or(seconds{0});
    time = std::min(time.value_or(told), told);
}

void take_directive(CacheDirectives& all, std::string_view element) noexcept
{
    const auto equals = element.find('=');
    const auto name = trimmed(element.substr(0, equals));
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : trimmed(element.substr(equals + 1));

    struct Flag {
        std::string_view name;
        bool CacheDirectives::* flag;
    };

    struct Timed {
        std::string_view name;
        CacheDirectives::Time CacheDirectives::* time;
    };

    static constexpr Flag flags[] = {
        {"no-store",         &CacheDirectives::no_store        },
        {"no-cache",         &CacheDirectives::no_cache        },
        {"only-if-cached",   &CacheDirectives::only_if_cached  },
        {"private",          &CacheDirectives::is_private      },
        {"public",           &CacheDirectives::is_public       },
        {"must-revalidate",  &CacheDirectives::must_revalidate },
        {"proxy-revalidate", &CacheDirectives::proxy_revalidate},
        {"no-transform",     &CacheDirectives::no_transform    },
    };
    static constexpr Timed times[] = {
        {"max-age",                &CacheDirectives::max_age               },
        {"s-maxage",               &CacheDirectives::s_maxage              },
        {"min-fresh",              &CacheDirectives::min_fresh             },
        {"stale-while-revalidate", &CacheDirectives::stale_while_revalidate},
        {"stale-if-error",         &CacheDirectives::stale_if_error        },
    };
    for (const auto& flag : flags) {
        if (equal_ignoring_case(name, flag.name)) all.*flag.flag = true;
    }
    for (const auto& timed : times) {
        if (equal_ignoring_case(name, timed.name)) take_time(all.*timed.time, value);
    }
}

} // namespace

std::optional<seconds> parse_delta(std::string_view text) noexcept
{
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    std::int64_t count = 0;
    for (const char c : text) {
        count = 10 * count + (c - '0');
        if (count >= longest_delta.count()) return longest_delta;
    }
    return seconds{count};
}

CacheDirectives cache_directives(std::span<const Field> fields) noexcept
{
    CacheDirectives all;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "cache-control")) continue;
        all.there = true;
        auto list = field.value;
        while (!list.empty()) {
            const auto element = take_element(list);
            if (!element) {
                all.no_store = true;
                break;
            }
            take_directive(all, *element);
        }
    }
    return all;
}

} // namespace gatehouse::gateway
