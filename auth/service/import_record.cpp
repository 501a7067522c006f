#include "auth/service/import_record.hpp"

#include "auth/basics/id.hpp"
#include "auth/json/reader.hpp"
#include "auth/service/roles.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::auth {

namespace {

using json::Value;

constexpr std::size_t deepest = 100; // what MongoDB itself allows

/// A number, or a text that holds one: extended JSON writes large numbers as texts.
std::optional<std::int64_t> number_of(const Value& value)
{
    if (const auto number = value.integer()) return number;
    const auto* text = value.string();
    if (text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const auto* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// What extended JSON wraps: {"$oid": x}, {"$date": x}, {"$numberLong": x} are x.
const Value& unwrapped(const Value& value)
{
    for (const auto* name : {"$oid", "$date", "$numberLong", "$numberInt", "$uuid"}) {
        if (const auto* inner = value.find(name)) return unwrapped(*inner);
    }
    return value;
}

/// A text, or a number as the text it is; nothing: it is neither.
std::optional<std::string> text_of(const Value& wrapped)
{
    const auto& value = unwrapped(wrapped);
    if (const auto* text = value.string()) return *text;
    if (const auto number = value.integer()) return std::to_string(*number);
    return std::nullopt;
}

bool looks_like(std::string_view text, std::string_view form)
{
    return std::ranges::equal(text, form, [](char written, char wanted) {
        return wanted == '0' ? written >= '0' && written <= '9' : written == wanted;
    });
}

int digits_at(std::string_view text, std::size_t place, std::size_t count)
{
    int value = 0;
    for (const char digit : text.substr(place, count)) value = value * 10 + (digit - '0');
    return value;
}

/// RFC 3339 in UTC, any fraction of a second: 2026-03-01T09:30:00.000Z.
std::optional<Seconds> utc_of(std::string_view text)
{
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size() || !looks_like(text.substr(0, form.size()), form)) return {};
    auto rest = text.substr(form.size());
    if (rest.starts_with('.')) {
        const auto end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
        rest.remove_prefix(end);
    }
    if (rest != "Z" && rest != "+00:00" && rest != "+0000") return {};
    const std::chrono::year_month_day day{
        std::chrono::year(digits_at(text, 0, 4)),
        std::chrono::month(static_cast<unsigned>(digits_at(text, 5, 2))),
        std::chrono::day(static_cast<unsigned>(digits_at(text, 8, 2)))};
    const std::chrono::hours hour(digits_at(text, 11, 2));
    const std::chrono::minutes minute(digits_at(text, 14, 2));
    const std::chrono::seconds second(digits_at(text, 17, 2));
    if (!day.ok() || hour.count() > 23 || minute.count() > 59 || second.count() > 59) return {};
    return Seconds(std::chrono::sys_days(day)) + hour + minute + second;
}

/// A time in text, or milliseconds since 1970, as BSON counts.
std::optional<Seconds> moment_of(const Value& wrapped)
{
    const auto& value = unwrapped(wrapped);
    if (const auto millis = number_of(value)) {
        constexpr std::int64_t year_9999 = 253'402'300'800'000;
        if (*millis < 0 || *millis >= year_9999) return std::nullopt;
        return std::chrono::floor<std::chrono::seconds>(Millis(std::chrono::milliseconds(*millis)));
    }
    const auto* text = value.string();
    return text == nullptr ? std::nullopt : utc_of(*text);
}

class Record {
public:
    Record(const Value& object, const ImportRules& rules) : object_(object), rules_(rules) {}

    Result<ImportedAccount, std::vector<FieldProblem>> read()
    {
        id();
        names();
        password();
        roles();
        created();
        blocked();
        verified();
        if (!problems_.empty()) return std::move(problems_);
        return std::move(account_);
    }

private:
    void blame(std::string_view name, std::string_view message)
    {
        problems_.push_back({std::string(name), std::string(message)});
    }

    /// Null is as good as absent.
    [[nodiscard]] const Value* member(std::string_view name) const
    {
        const auto* value = object_.find(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    [[nodiscard]] std::string_view first_of(std::initializer_list<std::string_view> names) const
    {
        for (const auto name : names) {
            if (member(name) != nullptr) return name;
        }
        return {};
    }

    /// The text of a member; blames one that is of another kind.
    std::optional<std::string> text(std::string_view name)
    {
        if (name.empty() || member(name) == nullptr) return std::nullopt;
        const auto* found = member(name)->string();
        if (found != nullptr) return *found;
        blame(name, "has to be a string");
        return std::nullopt;
    }

    void id()
    {
        const auto name = first_of({"_id", "id"});
        if (name.empty()) return;
        const auto given = text_of(*member(name));
        if (!given) return blame(name, "has to be a string, a number or {\"$oid\": ...}");
        const bool fit = is_header_safe_id(*given);
        (!enforced("import.id") || fit ? account_.user.id : account_.unfit_id) = *given;
    }

    void names()
    {
        auto& user = account_.user;
        const auto email = text("email");
        auto member_name = std::string_view(rules_.username_member);
        if (member_name.empty()) member_name = first_of({"username", "user"});
        if (member_name.empty() && !email) member_name = first_of({"name"});
        const auto username = text(member_name);
        if (username) {
            const auto name = read_username(*username);
            if (name) {
                user.username = name->shown;
                user.folded_username = name->folded;
            } else {
                blame(member_name, explain(name.error()));
            }
        }
        if (email) {
            const auto name = read_email(*email);
            if (name) {
                user.email = name->shown;
                user.folded_email = name->folded;
            } else {
                blame("email", explain(name.error()));
            }
        }
        if (!username && !email && problems_.empty()) {
            blame("username", "a username or an email is needed");
        }
    }

    void password()
    {
        const auto name = first_of({"password", "passwordHash", "hash"});
        if (name.empty()) return blame("password", "is missing");
        const auto hash = text(name);
        if (!hash) return;
        // What stands there may be a password: it is never repeated.
        const auto why = rules_.hasher.why_unusable(*hash);
        if (enforced("import.hash") && !why.empty()) return blame(name, why);
        account_.user.password_hash = *hash;
    }

    /// A list, one role, or an object whose values are the roles ({"User": 2001}).
    void roles()
    {
        const auto name = first_of({"roles", "role"});
        if (name.empty()) return;
        std::vector<const Value*> values;
        const auto& given = *member(name);
        if (const auto* list = given.array()) {
            for (const auto& each : *list) values.push_back(&each);
        } else if (const auto* object = given.object();
                   object != nullptr && &unwrapped(given) == &given) {
            for (const auto& each : *object) {
                if (!each.value.is_null()) values.push_back(&each.value);
            }
        } else {
            values.push_back(&given);
        }
        auto& roles = account_.user.roles;
        for (const auto* value : values) {
            auto role = text_of(*value);
            if (!role) return blame(name, "have to be strings or numbers");
            if (std::ranges::find(roles, *role) == roles.end()) roles.push_back(*std::move(role));
        }
        for (const auto& problem : problems_of(roles)) blame(name, problem.message);
    }

    void created()
    {
        account_.user.created = rules_.now;
        const auto name = first_of({"createdAt", "created_at", "created"});
        if (name.empty()) return;
        const auto moment = moment_of(*member(name));
        if (!moment) return blame(name, "is no time, such as 2026-03-01T09:30:00Z");
        account_.user.created = *moment;
    }

    void blocked()
    {
        const auto* value = member("blocked");
        if (value == nullptr) return;
        const auto flag = value->boolean();
        if (!flag) return blame("blocked", "has to be true or false");
        account_.user.blocked = *flag;
    }

    /// true, or when that was; false and nothing: not yet.
    void verified()
    {
        const auto name = first_of({"emailVerified", "email_verified"});
        if (name.empty() || !account_.user.email) return;
        const auto& value = *member(name);
        if (const auto flag = value.boolean()) {
            if (*flag) account_.user.email_verified_at = account_.user.created;
            return;
        }
        const auto moment = moment_of(value);
        if (!moment) return blame(name, "has to be true, false or a time");
        account_.user.email_verified_at = *moment;
    }

    const Value& object_;
    const ImportRules& rules_;
    ImportedAccount account_;
    std::vector<FieldProblem> problems_;
};

} // namespace

Result<ImportedAccount, std::vector<FieldProblem>> read_import_record(std::string_view text,
                                                                      const ImportRules& rules)
{
    using Problems = std::vector<FieldProblem>;
    const auto value = json::read(text, {.max_depth = deepest, .allow_nul = true});
    if (!value) {
        return Problems{
            {"", "is no JSON: " + std::string(to_string(value.error()))}
        };
    }
    if (value->array() != nullptr) {
        return Problems{
            {"", "is an array: write one JSON object per line (mongoexport without --jsonArray)"}
        };
    }
    if (value->object() == nullptr) {
        return Problems{
            {"", "is no JSON object"}
        };
    }
    return Record(*value, rules).read();
}

} // namespace gatehouse::auth
