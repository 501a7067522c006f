// How much the gateway says of itself, for as long as somebody looks at it.
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;
using config::LogLevel;

std::optional<LogLevel> level_of(std::string_view name) noexcept
{
    const auto all = words(LogLevel{});
    const auto* const found =
        std::ranges::find_if(all, [name](const auto& word) { return word.text == name; });
    if (found == all.end()) return std::nullopt;
    return found->value;
}

} // namespace

LocalResponse AdminApi::log_level_answer() const
{
    return object_answer([&](Writer& json) {
        json.member("level", config::word_for(process_.log_level()));
        json.member("configured", config::word_for(process_.runtime()->settings.log.level));
    });
}

Task<LocalResponse> AdminApi::log_level(const Asked&)
{
    co_return log_level_answer();
}

Task<LocalResponse> AdminApi::set_log_level(const Asked& asked)
{
    const auto name = string_member(asked.body, "level");
    if (!name) co_return refused(name.error());
    const auto level = *name ? level_of(**name) : std::nullopt;
    if (!level) co_return bad_field("level", "has to be error, warn, info or debug");
    process_.set_log_level(*level);
    note(asked.request, "log level " + **name);
    co_return log_level_answer();
}

} // namespace gatehouse::gateway
