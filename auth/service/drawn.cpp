#include "auth/service/drawn.hpp"

#include "auth/json/writer.hpp"

#include <charconv>

namespace gatehouse::auth {
namespace {

using config::Fill;
using json::Writer;

/// What a script reads as that very number: digits without a leading zero, below 2^53.
std::optional<std::int64_t> number_of(std::string_view text)
{
    constexpr std::size_t most_digits = 15;
    std::int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, number);
    const bool whole = failed == std::errc() && stop == end && text.size() <= most_digits;
    const bool one_spelling = text == "0" || (text.front() >= '1' && text.front() <= '9');
    if (!whole || !one_spelling) return std::nullopt;
    return number;
}

class Pen {
public:
    Pen(std::string& out, const Filling& filling) : json_(out), filling_(filling) {}

    void object(const config::Shape& shape)
    {
        json_.begin_object();
        for (const auto& [name, value] : shape.members) {
            if (is_left_out(value)) continue;
            json_.name(name);
            if (const auto* text = std::get_if<std::string>(&value)) json_.string(*text);
            if (const auto* what = std::get_if<Fill>(&value)) fill(*what);
            if (const auto* inner = std::get_if<config::Shape>(&value)) object(*inner);
        }
        json_.end_object();
    }

private:
    bool is_left_out(const std::variant<std::string, Fill, config::Shape>& value) const
    {
        const auto* what = std::get_if<Fill>(&value);
        return what != nullptr && *what == Fill::refresh_token && filling_.grant != nullptr &&
               filling_.grant->delivery == SessionDelivery::cookie;
    }

    void fill(Fill what)
    {
        if (what == Fill::yes) return json_.boolean(true);
        const auto& user = *filling_.user;
        switch (what) {
        case Fill::id:
            return json_.string(user.id);
        case Fill::username:
            return text_or_null(user.username);
        case Fill::email:
            return text_or_null(user.email);
        case Fill::role:
            return user.roles.empty() ? json_.null() : role(user.roles.front());
        case Fill::roles:
            json_.begin_array();
            for (const auto& each : user.roles) role(each);
            return json_.end_array();
        case Fill::yes:
            return;
        case Fill::access_token:
            return json_.string(filling_.grant->access_token.reveal());
        case Fill::refresh_token:
            return json_.string(filling_.grant->refresh_token.reveal());
        case Fill::expires_in:
            return json_.integer(filling_.grant->access_life.count());
        }
    }

    void role(const std::string& name)
    {
        const auto number = filling_.numeric_roles ? number_of(name) : std::nullopt;
        number ? json_.integer(*number) : json_.string(name);
    }

    void text_or_null(const std::optional<std::string>& text)
    {
        text ? json_.string(*text) : json_.null();
    }

    Writer json_;
    const Filling& filling_;
};

} // namespace

std::string draw(const config::Shape& shape, const Filling& filling)
{
    std::string out;
    Pen(out, filling).object(shape);
    return out;
}

} // namespace gatehouse::auth
