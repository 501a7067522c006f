#include "auth/service/new_api_key.hpp"

#include "auth/apikeys/api_key_text.hpp"
#include "config/basics/enforced.hpp"
#include "config/basics/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

/// RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E
[[nodiscard]] bool is_scope(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= longest_scope_bytes &&
           std::ranges::all_of(text,
                               [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

/// One line of UTF-8 without controls.
[[nodiscard]] bool is_name(std::string_view text) noexcept
{
    if (text.size() > longest_api_key_name_bytes) return false;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text.front());
        if (length == 0 || first < 0x20 || first == 0x7f) return false;
        const bool is_c1 = first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
        if (is_c1) return false;
        text.remove_prefix(length);
    }
    return true;
}

} // namespace

std::vector<FieldProblem> problems_of(const ApiKeyWish& wish)
{
    std::vector<FieldProblem> problems;
    if (!is_name(wish.name)) {
        problems.push_back(
            {"name", fmt::format("is one line of at most {} bytes", longest_api_key_name_bytes)});
    }
    if (wish.scopes.size() > most_api_key_scopes) {
        problems.push_back({"scopes", fmt::format("are at most {}", most_api_key_scopes)});
    } else if (enforced("api_key.scopes") && !std::ranges::all_of(wish.scopes, is_scope)) {
        problems.push_back({"scopes", fmt::format("are 1 to {} visible ASCII characters without "
                                                  "'\"' and '\\'",
                                                  longest_scope_bytes)});
    }
    if (wish.life && (*wish.life < 1s || *wish.life > longest_api_key_life)) {
        problems.push_back({"expires", "is from 1s to 3650d from now, or never"});
    }
    return problems;
}

IssuedApiKey issue_api_key(const ApiKeyWish& wish, std::string_view user_id, Seconds now)
{
    auto made = make_api_key();
    IssuedApiKey issued{std::move(made.text), {}};
    auto& key = issued.key;
    key.id = std::move(made.id);
    key.user_id = user_id;
    key.name = wish.name;
    key.digest = std::move(made.digest);
    for (const auto& scope : wish.scopes) {
        if (std::ranges::find(key.scopes, scope) == key.scopes.end()) key.scopes.push_back(scope);
    }
    key.created = now;
    if (wish.life) key.expires_at = now + *wish.life;
    return issued;
}

std::string described(const ApiKey& key)
{
    if (key.scopes.empty()) return key.id;
    return fmt::format("{} {}", key.id, fmt::join(key.scopes, ","));
}

} // namespace gatehouse::auth
