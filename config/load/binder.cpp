#include "config/load/binder.hpp"

#include "config/load/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

template <class S>
void bind_map(const Node& node, const std::string& path, S& into, Report& report);

/// Neither an AuthMode nor a slip of the pen for one: the name of a role, most likely.
bool is_no_mode(std::string_view word)
{
    return std::ranges::all_of(words(AuthMode{}), [&](const auto& mode) {
        return nearest(word, std::span(&mode.text, 1)).empty();
    });
}

/// The table that reads: looks up each key it is told and remembers its name.
template <class S>
class Binder {
public:
    Binder(const Node& map, const std::string& path, S& into, Report& report)
        : map_(map),
          path_(path),
          into_(into),
          report_(report)
    {
    }

    template <class T, class Limit>
    void key(std::string_view name, T S::* member, const Limit& limit, const char*)
    {
        if (const Node* node = take(name)) read(*node, at(name), into_.*member, limit, report_);
    }

    template <class T, class Limit>
    void required(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        key(name, member, limit, sentence);
        const Node* node = map_.find(name);
        const bool empty_list =
            node != nullptr && node->kind == Node::Kind::list && node->items.empty();
        if (node == nullptr) {
            report_.error(map_, at(name), {"is missing", sentence});
        } else if (empty_list) {
            report_.error(*node, at(name), {"is empty", sentence});
        }
    }

    template <class T>
    void section(std::string_view name, T S::* member, const char*)
    {
        if (const Node* node = take(name)) bind_map(*node, at(name), into_.*member, report_);
    }

    template <class T>
    void section(std::string_view name, std::optional<T> S::* member, const char*)
    {
        const Node* node = take(name);
        if (node == nullptr) return;
        bind_map(*node, at(name), (into_.*member).emplace(), report_);
    }

    template <class T>
    void list(std::string_view name, std::vector<T> S::* member, const char*)
    {
        const Node* node = take(name);
        const auto hint = "begin each item with a dash, and write `key: value` lines behind it";
        if (node == nullptr || !is_a(Node::Kind::list, *node, at(name), hint, report_)) return;
        auto& items = into_.*member;
        items.assign(node->items.size(), T{});
        for (std::size_t i = 0; i < items.size(); ++i) {
            bind_map(node->items[i], fmt::format("{}[{}]", at(name), i), items[i], report_);
        }
    }

    template <class T>
    void map(std::string_view name, std::map<std::string, T> S::* member, const Form& form,
             const char*)
    {
        const Node* node = take(name);
        const auto hint = "write each name and a colon, and what belongs to it indented below";
        if (node == nullptr || !is_a(Node::Kind::map, *node, at(name), hint, report_)) return;
        for (const auto& entry : node->entries) {
            const auto path = at(name) + "." + entry.key;
            if (auto problem = form.check(entry.key)) {
                report_.error(entry.offset, path, std::move(*problem));
            }
            bind_map(entry.value, path, (into_.*member)[entry.key], report_);
        }
    }

    /// `auth: none`, or `auth: {roles: [admin]}`.
    void auth_rule(std::string_view name, AuthMode S::* mode, const char* sentence)
    {
        const Node* node = take(name);
        if (node == nullptr) return;
        if (node->kind == Node::Kind::scalar && is_no_mode(node->text)) {
            return report_.error(*node, at(name),
                                 {quoted(*node) + " is not known here",
                                  "write required, optional or none, or {roles: [..]} for roles"});
        }
        if (node->kind != Node::Kind::map) return key(name, mode, AsTyped{}, sentence);
        if (node->entries.empty()) {
            constexpr auto hint =
                "name roles, scopes, claims, what to require or a certificate, for example "
                "{roles: [admin]}";
            report_.error(*node, at(name) + ".roles", {"is missing", hint});
        }
        Binder rule{*node, at(name), into_, report_};
        S::describe_auth(rule);
        rule.report_unknown_keys();
    }

    /// `portal: true`, or `portal: {name: Orders}`.
    template <class T>
    void switched(std::string_view name, T S::* member, const char*)
    {
        const Node* node = take(name);
        if (node == nullptr) return;
        auto& into = into_.*member;
        if (node->kind != Node::Kind::map)
            return read(*node, at(name), into.on, AsTyped{}, report_);
        into.on = true;
        bind_map(*node, at(name), into, report_);
    }

    /// May be left out, but says something where it stands.
    template <class T, class Limit>
    void any_of(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        const Node* node = take(name);
        if (node == nullptr) return;
        key(name, member, limit, sentence);
        const bool is_list = node->kind == Node::Kind::list && node->items.empty();
        const bool is_map = node->kind == Node::Kind::map && node->entries.empty();
        if (is_list || is_map) report_.error(*node, at(name), {"is empty", sentence});
    }

    void not_yet(std::string_view name, const char* sentence)
    {
        const auto entry = std::ranges::find(map_.entries, name, &Entry::key);
        known_.push_back(name);
        if (entry == map_.entries.end()) return;
        report_.error(entry->offset, at(name), {"is not supported by this version", sentence});
    }

    [[nodiscard]] const std::vector<std::string_view>& known() const noexcept { return known_; }

    void report_unknown_keys()
    {
        for (const auto& entry : map_.entries) {
            if (std::ranges::find(known_, entry.key) != known_.end()) continue;
            report_.error(entry.offset, at(entry.key),
                          {fmt::format("unknown key {}", quoted(entry.key)),
                           nearest_hint(entry.key, known_)});
        }
    }

private:
    const Node* take(std::string_view name)
    {
        if (std::ranges::find(known_, name) == known_.end()) known_.push_back(name);
        return map_.find(name);
    }

    [[nodiscard]] std::string at(std::string_view name) const
    {
        return path_.empty() ? std::string{name} : fmt::format("{}.{}", path_, name);
    }

    const Node& map_;
    std::string path_;
    S& into_;
    Report& report_;
    std::vector<std::string_view> known_;
};

/// The way out for who wrote something else where these keys belong.
template <class S>
std::string keys_hint()
{
    const Node nothing;
    S unused;
    Report ignored{"", ""};
    Binder<S> binder{nothing, "", unused, ignored};
    S::describe(binder);
    return "write `key: value` lines, indented; " + nearest_hint("", binder.known());
}

template <class S>
void bind_map(const Node& node, const std::string& path, S& into, Report& report)
{
    if (node.kind != Node::Kind::map) {
        static_cast<void>(is_a(Node::Kind::map, node, path, keys_hint<S>(), report));
        return;
    }
    Binder<S> binder{node, path, into, report};
    S::describe(binder);
    binder.report_unknown_keys();
}

} // namespace

void bind(const Node& root, Settings& settings, Report& report)
{
    bind_map(root, "", settings, report);
}

} // namespace gatehouse::config
