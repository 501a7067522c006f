#include "auth/json/reader.hpp"

#include "auth/json/scan.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace gatehouse::auth::json {

namespace {

using Failed = std::optional<ReadError>;

[[nodiscard]] constexpr bool is_space(char c) noexcept
{
    // The four of RFC 8259, 2; not what a locale or Unicode calls white space.
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Recursive descent; the depth limit bounds the stack. What is read is built where it stays.
class Reader {
public:
    Reader(std::string_view text, const ReadRules& rules) : rest_(text), rules_(rules) {}

    [[nodiscard]] Failed document(Value& out)
    {
        skip_space();
        if (const auto failed = value(out, 0)) return failed;
        skip_space();
        if (enforced("json.trailing_bytes") && !rest_.empty()) return ReadError::syntax;
        return {};
    }

private:
    void skip_space() noexcept
    {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    }

    [[nodiscard]] bool at(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

    /// Moves behind `c`, with the white space around it, if it is there.
    [[nodiscard]] bool take(char c) noexcept
    {
        skip_space();
        if (!at(c)) return false;
        rest_.remove_prefix(1);
        skip_space();
        return true;
    }

    [[nodiscard]] Failed word(std::string_view name) noexcept
    {
        if (!rest_.starts_with(name)) return ReadError::syntax;
        rest_.remove_prefix(name.size());
        return {};
    }

    [[nodiscard]] Failed value(Value& out, std::size_t depth);
    [[nodiscard]] bool is_too_deep(std::size_t depth) const;
    [[nodiscard]] Failed array(Value::Array& elements, std::size_t depth);
    [[nodiscard]] Failed object(Value::Object& members, std::size_t depth);
    [[nodiscard]] Failed member(Member& out, std::size_t depth);

    std::string_view rest_;
    const ReadRules& rules_;
};

/// Lets `read` fill a value of that kind. `out` is new and holds nothing: to build in its place is
/// half the work of building elsewhere and assigning.
template <class Kind, class Read>
[[nodiscard]] Failed read_as(Value& out, Read read)
{
    Kind kind;
    auto failed = read(kind);
    if (!failed) {
        std::destroy_at(&out);
        std::construct_at(&out, std::move(kind));
    }
    return failed;
}

// As many as fit into what malloc keeps at hand: 1032 bytes. More would be looked for each time.
constexpr std::size_t few_members = 14;
static_assert(few_members * sizeof(Member) <= 1032);

/// One of 64 bits; names that differ in it are not the same.
[[nodiscard]] std::uint64_t mark_of(std::string_view name) noexcept
{
    if (name.empty()) return 1;
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return std::uint64_t{1} << ((name.size() + 2U * first + 5U * last) % 64);
}

[[nodiscard]] bool has_duplicates(const Value::Object& members)
{
    if (members.size() <= few_members) {
        std::uint64_t marks = 0;
        for (auto one = members.begin(); one != members.end(); ++one) {
            const auto mark = mark_of(one->name);
            const bool may_be = (marks & mark) != 0;
            if (may_be && std::ranges::find(members.begin(), one, one->name, &Member::name) != one)
                return true;
            marks |= mark;
        }
        return false;
    }
    // Sorted, because a body of a few thousand names must not cost their square.
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& member : members) names.emplace_back(member.name);
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) != names.end();
}

Failed Reader::value(Value& out, std::size_t depth)
{
    if (rest_.empty()) return ReadError::syntax;
    switch (rest_.front()) {
    case '{':
        return read_as<Value::Object>(out,
                                      [&](auto& members) { return object(members, depth + 1); });
    case '[':
        return read_as<Value::Array>(out,
                                     [&](auto& elements) { return array(elements, depth + 1); });
    case '"':
        return read_as<std::string>(
            out, [&](auto& text) { return scan_string(rest_, text, rules_.allow_nul); });
    case 't':
        out = Value(true);
        return word("true");
    case 'f':
        out = Value(false);
        return word("false");
    case 'n':
        return word("null");
    default:
        return scan_number(rest_, out);
    }
}

bool Reader::is_too_deep(std::size_t depth) const
{
    return enforced("json.depth") && depth > rules_.max_depth;
}

Failed Reader::array(Value::Array& elements, std::size_t depth)
{
    if (is_too_deep(depth)) return ReadError::too_deep;
    rest_.remove_prefix(1);
    if (take(']')) return {};
    do {
        if (const auto failed = value(elements.emplace_back(), depth)) return failed;
    } while (take(','));
    if (!at(']')) return ReadError::syntax;
    rest_.remove_prefix(1);
    return {};
}

Failed Reader::object(Value::Object& members, std::size_t depth)
{
    if (is_too_deep(depth)) return ReadError::too_deep;
    rest_.remove_prefix(1);
    if (take('}')) return {};
    if (depth == 1) members.reserve(few_members); // a claims set, a request: it never grows
    do {
        if (const auto failed = member(members.emplace_back(), depth)) return failed;
    } while (take(','));
    if (!at('}')) return ReadError::syntax;
    rest_.remove_prefix(1);
    if (enforced("json.duplicate_member") && has_duplicates(members)) {
        return ReadError::duplicate_member;
    }
    return {};
}

Failed Reader::member(Member& out, std::size_t depth)
{
    if (!at('"')) return ReadError::syntax;
    if (const auto failed = scan_string(rest_, out.name, rules_.allow_nul)) return failed;
    if (!take(':')) return ReadError::syntax;
    return value(out.value, depth);
}

} // namespace

Result<Value, ReadError> read(std::string_view text, const ReadRules& rules)
{
    Value value;
    if (const auto failed = Reader(text, rules).document(value)) return *failed;
    return value;
}

std::string_view to_string(ReadError error) noexcept
{
    switch (error) {
    case ReadError::syntax:
        return "syntax";
    case ReadError::too_deep:
        return "too_deep";
    case ReadError::duplicate_member:
        return "duplicate_member";
    case ReadError::bad_text:
        return "bad_text";
    case ReadError::number_range:
        return "number_range";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, ReadError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::auth::json
