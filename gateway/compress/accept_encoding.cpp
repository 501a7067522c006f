#include "gateway/compress/accept_encoding.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::gateway {
namespace {

/// A weight in thousandths.  RFC 9110, 12.4.2
std::optional<int> weight_of(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int weight = (text[0] - '0') * 1000;
    int unit = 100;
    for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (!is_digit(digit)) return std::nullopt;
        weight += (digit - '0') * unit;
        unit /= 10;
    }
    if (weight > 1000) return std::nullopt;
    return weight;
}

/// What a client weighs, each by what it has said of it itself.
class Weights {
public:
    /// One value of the field. False: it cannot be read.
    [[nodiscard]] bool read(std::string_view value) noexcept
    {
        while (!value.empty()) {
            const auto comma = value.find(',');
            const auto element = trimmed(value.substr(0, comma));
            value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
            if (!element.empty() && !read_one(element)) return false;
        }
        return true;
    }

    [[nodiscard]] int of(ContentCoding coding) const noexcept
    {
        return said_[static_cast<std::size_t>(coding)].value_or(others_.value_or(0));
    }

    /// Without a word about it, it is welcome only where nothing else is.
    [[nodiscard]] int of_identity() const noexcept { return identity_.value_or(0); }

private:
    [[nodiscard]] bool read_one(std::string_view element) noexcept
    {
        const auto semicolon = element.find(';');
        const auto name = trimmed(element.substr(0, semicolon));
        if (!is_token(name)) return false;
        int weight = 1000;
        if (semicolon != std::string_view::npos) {
            const auto parameter = trimmed(element.substr(semicolon + 1));
            if (!equal_ignoring_case(parameter.substr(0, 2), "q=")) return false;
            const auto said = weight_of(parameter.substr(2));
            if (!said) return false;
            weight = *said;
        }
        if (auto* place = place_of(name)) *place = std::min(weight, place->value_or(weight));
        return true;
    }

    [[nodiscard]] std::optional<int>* place_of(std::string_view name) noexcept
    {
        if (name == "*") return &others_;
        if (equal_ignoring_case(name, "identity")) return &identity_;
        if (equal_ignoring_case(name, "x-gzip")) name = "gzip"; // RFC 9110, 8.4.1.3
        for (const auto coding : {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip}) {
            if (equal_ignoring_case(name, to_string(coding)))
                return &said_[static_cast<std::size_t>(coding)];
        }
        return nullptr;
    }

    std::array<std::optional<int>, content_codings> said_{};
    std::optional<int> others_;
    std::optional<int> identity_;
};

} // namespace

std::optional<ContentCoding> chosen_coding(std::span<const Field> request,
                                           std::span<const std::string> offered)
{
    Weights weights;
    for (const auto& field : request) {
        if (!equal_ignoring_case(field.name, "accept-encoding")) continue;
        const bool is_readable = weights.read(field.value);
        if (!is_readable && enforced("compress.malformed")) return std::nullopt;
    }
    std::optional<ContentCoding> best;
    int most = 0;
    for (const auto& name : offered) {
        const auto coding = content_coding(name);
        if (!coding || weights.of(*coding) <= most) continue;
        best = coding;
        most = weights.of(*coding);
    }
    if (weights.of_identity() > most) return std::nullopt;
    return best;
}

} // namespace gatehouse::gateway
