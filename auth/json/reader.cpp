#include "auth/json/reader.hpp"

#include "auth/json/scan.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth::json {

namespace {

using Read = Result<Value, ReadError>;

/// Recursive descent; the depth limit bounds the stack.
class Reader {
public:
    Reader(std::string_view text, const ReadRules& rules) : rest_(text), rules_(rules) {}

    [[nodiscard]] Read document()
    {
        skip_space();
        auto value = this->value(0);
        skip_space();
        if (enforced("json.trailing_bytes") && value && !rest_.empty()) return ReadError::syntax;
        return value;
    }

private:
    void skip_space() noexcept
    {
        // The four of RFC 8259, 2; not what a locale or Unicode calls white space.
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
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

    [[nodiscard]] Read word(std::string_view name, Value value)
    {
        if (!rest_.starts_with(name)) return ReadError::syntax;
        rest_.remove_prefix(name.size());
        return value;
    }

    [[nodiscard]] Read value(std::size_t depth);
    [[nodiscard]] bool is_too_deep(std::size_t depth) const;
    [[nodiscard]] Read array(std::size_t depth);
    [[nodiscard]] Read object(std::size_t depth);
    [[nodiscard]] Result<Member, ReadError> member(std::size_t depth);

    std::string_view rest_;
    const ReadRules& rules_;
};

constexpr std::size_t few_members = 16;

[[nodiscard]] bool has_duplicates(const Value::Object& members)
{
    if (members.size() <= few_members) {
        for (auto one = members.begin(); one != members.end(); ++one) {
            if (std::ranges::find(members.begin(), one, one->name, &Member::name) != one)
                return true;
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

Read Reader::value(std::size_t depth)
{
    if (rest_.empty()) return ReadError::syntax;
    switch (rest_.front()) {
    case '{':
        return object(depth + 1);
    case '[':
        return array(depth + 1);
    case 't':
        return word("true", Value(true));
    case 'f':
        return word("false", Value(false));
    case 'n':
        return word("null", Value());
    case '"':
        break;
    default:
        return scan_number(rest_);
    }
    auto text = scan_string(rest_, rules_.allow_nul);
    if (!text) return text.error();
    return Value(*std::move(text));
}

bool Reader::is_too_deep(std::size_t depth) const
{
    return enforced("json.depth") && depth > rules_.max_depth;
}

Read Reader::array(std::size_t depth)
{
    if (is_too_deep(depth)) return ReadError::too_deep;
    Value::Array elements;
    rest_.remove_prefix(1);
    if (take(']')) return Value(std::move(elements));
    do {
        auto element = value(depth);
        if (!element) return element.error();
        elements.push_back(*std::move(element));
    } while (take(','));
    if (!at(']')) return ReadError::syntax;
    rest_.remove_prefix(1);
    return Value(std::move(elements));
}

Read Reader::object(std::size_t depth)
{
    if (is_too_deep(depth)) return ReadError::too_deep;
    Value::Object members;
    rest_.remove_prefix(1);
    if (take('}')) return Value(std::move(members));
    if (depth == 1) members.reserve(few_members); // a claims set, a request: it never grows
    do {
        auto read = member(depth);
        if (!read) return read.error();
        members.push_back(*std::move(read));
    } while (take(','));
    if (!at('}')) return ReadError::syntax;
    rest_.remove_prefix(1);
    if (enforced("json.duplicate_member") && has_duplicates(members)) {
        return ReadError::duplicate_member;
    }
    return Value(std::move(members));
}

Result<Member, ReadError> Reader::member(std::size_t depth)
{
    if (!at('"')) return ReadError::syntax;
    auto name = scan_string(rest_, rules_.allow_nul);
    if (!name) return name.error();
    if (!take(':')) return ReadError::syntax;
    auto value = this->value(depth);
    if (!value) return value.error();
    return Member{*std::move(name), *std::move(value)};
}

} // namespace

Result<Value, ReadError> read(std::string_view text, const ReadRules& rules)
{
    return Reader(text, rules).document();
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
