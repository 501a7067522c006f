#pragma once

#include "gateway/admin/admin_api.hpp"
#include "gateway/net/offload.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>

namespace gatehouse::gateway {

/// Admin calls that may wait for the store at once; more are told to come back.
inline constexpr std::uint32_t most_admin_calls = 64;

/// Entries of one page.
inline constexpr std::size_t usual_page = 100;
inline constexpr std::size_t largest_page = 500;

template <class Job>
Task<std::invoke_result_t<Job&>> AdminApi::on_store(Job job)
{
    using Outcome = std::invoke_result_t<Job&>;
    using auth::AuthError;
    if (waiting_.fetch_add(1) >= most_admin_calls) {
        waiting_.fetch_sub(1);
        co_return Outcome(AuthError(AuthError::Kind::overloaded));
    }
    auto pending = offload(rooms_.store_pool, job);
    auto outcome = co_await std::move(pending);
    waiting_.fetch_sub(1);
    co_return outcome;
}

/// An answer that is there already.
[[nodiscard]] inline Task<LocalResponse> answered(LocalResponse response)
{
    co_return response;
}

/// `limit` of the query; nothing: it is no number from 1 to largest_page.
[[nodiscard]] inline std::optional<std::size_t> page_size(const Form& query)
{
    const auto* text = query.find("limit");
    if (text == nullptr) return usual_page;
    std::size_t size = 0;
    const auto* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, size);
    const bool good = error == std::errc() && rest == end && size >= 1 && size <= largest_page;
    return good ? std::optional(size) : std::nullopt;
}

/// "" without it.
[[nodiscard]] inline std::string parameter(const Form& query, std::string_view name)
{
    const auto* text = query.find(name);
    return text == nullptr ? std::string() : *text;
}

/// 422 for one thing in the query or the body.
[[nodiscard]] inline LocalResponse bad_field(std::string name, std::string message)
{
    LocalResponse response;
    response.refusal = Refusal(RefusalCode::invalid_fields);
    response.refusal->fields.push_back({std::move(name), std::move(message)});
    return response;
}

[[nodiscard]] inline LocalResponse bad_limit()
{
    return bad_field("limit", "has to be a number from 1 to 500");
}

} // namespace gatehouse::gateway
