#include "gateway/trace/export_policy.hpp"

#include "auth/json/reader.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_pause = 500ms;
constexpr std::chrono::milliseconds longest_pause = 30s;

std::uint64_t count_in(const auth::json::Value& value)
{
    std::uint64_t count = 0;
    if (const auto number = value.integer())
        return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
    if (const auto* text = value.string())
        std::from_chars(text->data(), text->data() + text->size(), count);
    return count;
}

} // namespace

Export judge(const CollectorAnswer& answer) noexcept
{
    switch (answer.status) {
    case 0:
    case 429:
    case 502:
    case 503:
    case 504:
        return Export::again;
    default:
        return answer.status >= 200 && answer.status < 300 ? Export::taken : Export::refused;
    }
}

std::chrono::milliseconds pause_before(unsigned next, std::chrono::seconds retry_after) noexcept
{
    const auto doubled = first_pause * (1U << std::min(next - 2, 10U));
    return std::min(std::max<std::chrono::milliseconds>(doubled, std::min(retry_after, 3600s)),
                    longest_pause);
}

Rejected rejected_by(const CollectorAnswer& answer)
{
    Rejected rejected;
    const auto read = auth::json::read(answer.body);
    if (!read) return rejected;
    const auto* partial = read->find("partialSuccess");
    if (partial == nullptr) return rejected;
    if (const auto* spans = partial->find("rejectedSpans")) rejected.spans = count_in(*spans);
    if (const auto* message = partial->find_string("errorMessage")) rejected.message = *message;
    return rejected;
}

} // namespace gatehouse::gateway
