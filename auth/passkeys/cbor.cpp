#include "auth/passkeys/cbor.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/utf8.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::auth::passkeys {
namespace {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Kinds of items by their first three bits (RFC 8949, 3.1).
enum Major : unsigned { positive, negative, byte_string, text_string, list, pairs, tag, simple };

struct Head {
    unsigned major = 0;
    unsigned short_argument = 0; // the last five bits: a small argument, or how many bytes it has
    std::uint64_t argument = 0;
};

class Reader {
public:
    Reader(std::string_view bytes, const CborRules& rules) : rest_(bytes), rules_(rules) {}

    Result<Cbor, CborError> item(std::size_t depth)
    {
        if (enforced("cbor.items") && ++items_ > rules_.max_items) return CborError::too_many;
        const auto begin = rest_;
        const auto head = this->head();
        if (!head) return head.error();
        switch (head->major) {
        case positive:
        case negative:
            return integer(*head, begin);
        case byte_string:
        case text_string:
            return string(*head);
        case list:
            return array(*head, depth);
        case pairs:
            return map(*head, depth);
        case simple:
            return Cbor(Cbor::Other{since(begin)});
        default:
            return CborError::form;
        }
    }

    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
    Result<Head, CborError> head()
    {
        if (rest_.empty()) return CborError::cut_off;
        const auto first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        const unsigned low = first & 0x1FU;
        Head head{static_cast<unsigned>(first >> 5U), low, low};
        if (head.short_argument < 24) return head;
        // 28 to 30 are reserved, and 31 is a length that nobody knows yet.
        if (head.short_argument > 27) return CborError::form;
        const auto width = std::size_t{1} << (head.short_argument - 24);
        if (rest_.size() < width) return CborError::cut_off;
        head.argument = 0;
        for (const char each : rest_.substr(0, width)) {
            head.argument = head.argument << 8U | static_cast<unsigned char>(each);
        }
        rest_.remove_prefix(width);
        if (enforced("cbor.shortest") && !is_shortest(head, width)) return CborError::form;
        return head;
    }

    static bool is_shortest(const Head& head, std::size_t width)
    {
        if (head.major == simple) return width > 1 || head.argument >= 32; // floats have a width
        if (width == 1) return head.argument >= 24;
        return head.argument >> (4 * width) != 0;
    }

    [[nodiscard]] std::string_view since(std::string_view begin) const noexcept
    {
        return begin.substr(0, begin.size() - rest_.size());
    }

    [[nodiscard]] Result<Cbor, CborError> integer(const Head& head, std::string_view begin) const
    {
        if (head.argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return Cbor(Cbor::Other{since(begin)});
        }
        const auto value = static_cast<std::int64_t>(head.argument);
        return Cbor(head.major == positive ? value : -1 - value);
    }

    Result<Cbor, CborError> string(const Head& head)
    {
        if (head.argument > rest_.size()) return CborError::cut_off;
        const auto content = rest_.substr(0, head.argument);
        rest_.remove_prefix(head.argument);
        if (head.major == byte_string) return Cbor(content);
        if (!is_utf8(content)) return CborError::form;
        return Cbor(Cbor::Text{content});
    }

    Result<Cbor, CborError> array(const Head& head, std::size_t depth)
    {
        if (depth == rules_.max_depth) return CborError::too_deep;
        // Each item has a byte at least: a length that promises more reserves no memory.
        if (head.argument > rest_.size()) return CborError::cut_off;
        Cbor::Array all;
        for (std::uint64_t i = 0; i < head.argument; ++i) {
            auto each = item(depth + 1);
            if (!each) return each;
            all.push_back(*std::move(each));
        }
        return Cbor(std::move(all));
    }

    Result<Cbor, CborError> map(const Head& head, std::size_t depth)
    {
        if (depth == rules_.max_depth) return CborError::too_deep;
        if (head.argument > rest_.size() / 2) return CborError::cut_off;
        Cbor::Map all;
        for (std::uint64_t i = 0; i < head.argument; ++i) {
            auto key = item(depth + 1);
            if (!key) return key;
            const auto same = [&key](const auto& entry) { return entry.first == *key; };
            if (enforced("cbor.unique") && std::ranges::any_of(all, same)) {
                return CborError::duplicate;
            }
            auto value = item(depth + 1);
            if (!value) return value;
            all.emplace_back(*std::move(key), *std::move(value));
        }
        return Cbor(std::move(all));
    }

    std::string_view rest_;
    const CborRules& rules_;
    std::size_t items_ = 0;
};

} // namespace

std::string_view to_string(CborError error) noexcept
{
    switch (error) {
    case CborError::cut_off:
        return "cut_off";
    case CborError::trailing:
        return "trailing";
    case CborError::form:
        return "form";
    case CborError::too_deep:
        return "too_deep";
    case CborError::too_many:
        return "too_many";
    case CborError::duplicate:
        return "duplicate";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, CborError error)
{
    return out << to_string(error);
}

std::optional<std::int64_t> Cbor::integer() const noexcept
{
    const auto* held = std::get_if<std::int64_t>(&held_);
    return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::optional<std::string_view> Cbor::bytes() const noexcept
{
    const auto* held = std::get_if<std::string_view>(&held_);
    return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::optional<std::string_view> Cbor::text() const noexcept
{
    const auto* held = std::get_if<Text>(&held_);
    return held != nullptr ? std::optional(held->text) : std::nullopt;
}

const Cbor::Array* Cbor::array() const noexcept
{
    return std::get_if<Array>(&held_);
}

const Cbor::Map* Cbor::map() const noexcept
{
    return std::get_if<Map>(&held_);
}

const Cbor* Cbor::find(std::string_view text_key) const noexcept
{
    if (map() == nullptr) return nullptr;
    for (const auto& [key, value] : *map()) {
        if (key.text() == text_key) return &value;
    }
    return nullptr;
}

const Cbor* Cbor::find(std::int64_t integer_key) const noexcept
{
    if (map() == nullptr) return nullptr;
    for (const auto& [key, value] : *map()) {
        if (key.integer() == integer_key) return &value;
    }
    return nullptr;
}

bool operator==(const Cbor& one, const Cbor& other) noexcept
{
    if (one.held_.index() != other.held_.index()) return false;
    if (const auto* simple_one = std::get_if<Cbor::Other>(&one.held_)) {
        return simple_one->bytes == std::get<Cbor::Other>(other.held_).bytes;
    }
    if (const auto number = one.integer()) return number == other.integer();
    if (const auto content = one.bytes()) return content == other.bytes();
    if (const auto content = one.text()) return content == other.text();
    if (const auto* items = one.array()) return *items == *other.array();
    return *one.map() == *other.map();
}

Result<Cbor, CborError> take_cbor(std::string_view& bytes, const CborRules& rules)
{
    Reader reader(bytes, rules);
    auto item = reader.item(0);
    if (item) bytes = reader.rest();
    return item;
}

Result<Cbor, CborError> read_cbor(std::string_view bytes, const CborRules& rules)
{
    auto item = take_cbor(bytes, rules);
    if (item && enforced("cbor.trailing") && !bytes.empty()) return CborError::trailing;
    return item;
}

} // namespace gatehouse::auth::passkeys
