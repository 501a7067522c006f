#include "config/load/shown.hpp"

#include "config/load/default_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace gatehouse::config {
namespace {

constexpr auto masked = "***";

/// `user:***@host` for `user:word@host`.
std::string without_password(std::string text)
{
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return text;
    const auto begin = scheme + 3;
    const auto at = text.rfind('@', text.find_first_of("/?#", begin));
    if (at == std::string::npos || at < begin) return text;
    const auto colon = text.find(':', begin);
    if (colon < at) text.replace(colon + 1, at - colon - 1, masked);
    return text;
}

/// As YAML would have it on one line.
std::string text_of(const Node& node)
{
    switch (node.kind) {
    case Node::Kind::scalar:
        return node.written ? masked : without_password(node.text);
    case Node::Kind::list: {
        std::vector<std::string> items;
        for (const auto& item : node.items) items.push_back(text_of(item));
        return fmt::format("[{}]", fmt::join(items, ", "));
    }
    case Node::Kind::map: {
        std::vector<std::string> entries;
        for (const auto& entry : node.entries) {
            entries.push_back(fmt::format("{}: {}", entry.key, text_of(entry.value)));
        }
        return fmt::format("{{{}}}", fmt::join(entries, ", "));
    }
    case Node::Kind::null:
    case Node::Kind::broken:
        break;
    }
    return "";
}

/// What stands in a scalar, or first in what is made of them, for `${...}`; "" when nothing does.
std::string replaced_in(const Node& node)
{
    if (node.written) return *node.written;
    for (const auto& item : node.items) {
        if (auto found = replaced_in(item); !found.empty()) return found;
    }
    for (const auto& entry : node.entries) {
        if (auto found = replaced_in(entry.value); !found.empty()) return found;
    }
    return "";
}

struct Shown {
    const Report& report;
    std::vector<ShownSetting> all{};

    [[nodiscard]] std::string origin_of(const Node& node) const
    {
        if (!node.option.empty()) return node.option;
        const auto place = report.text().place_of(node.offset);
        auto origin = fmt::format("{}:{}:{}", report.source(), place.line, place.column);
        if (const auto replaced = replaced_in(node); !replaced.empty()) {
            origin += fmt::format(" {}", replaced);
        }
        return origin;
    }
};

/// The table that shows: each key with its node, where the file has one, else with its default.
template <class S>
class Shower {
public:
    Shower(const Node* map, std::string prefix, const S& settings, Shown& shown)
        : map_(map),
          prefix_(std::move(prefix)),
          settings_(settings),
          shown_(shown)
    {
    }

    template <class T, class Limit>
    void key(std::string_view name, T S::* member, const Limit& limit, const char*)
    {
        if (const auto* node = find(name)) {
            shown_.all.push_back({at(name), text_of(*node), shown_.origin_of(*node)});
        } else {
            shown_.all.push_back({at(name), default_text(settings_.*member, limit), "default"});
        }
    }

    template <class T, class Limit>
    void required(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        key(name, member, limit, sentence);
    }

    template <class T, class Limit>
    void any_of(std::string_view name, T S::* member, const Limit& limit, const char* sentence)
    {
        if (find(name) != nullptr) key(name, member, limit, sentence);
    }

    template <class T>
    void section(std::string_view name, T S::* member, const char*)
    {
        show(find(name), at(name), settings_.*member);
    }

    template <class T>
    void section(std::string_view name, std::optional<T> S::* member, const char*)
    {
        if (const auto& inner = settings_.*member) show(find(name), at(name), *inner);
    }

    template <class T>
    void list(std::string_view name, std::vector<T> S::* member, const char*)
    {
        const auto& items = settings_.*member;
        const auto* node = find(name);
        for (std::size_t i = 0; i < items.size(); ++i) {
            const bool there = node != nullptr && i < node->items.size();
            show(there ? &node->items[i] : nullptr, fmt::format("{}[{}]", at(name), i), items[i]);
        }
    }

    template <class T>
    void map(std::string_view name, std::map<std::string, T> S::* member, const Form&, const char*)
    {
        const auto* node = find(name);
        for (const auto& [entry, value] : settings_.*member) {
            show(node == nullptr ? nullptr : node->find(entry), at(name) + "." + entry, value);
        }
    }

    void auth_rule(std::string_view name, AuthMode S::* mode, const char* sentence)
    {
        key(name, mode, AsTyped{}, sentence);
    }

    template <class T>
    void switched(std::string_view name, T S::* member, const char*)
    {
        const auto& inner = settings_.*member;
        const auto* node = find(name);
        if (inner.on && node != nullptr && node->kind == Node::Kind::map) {
            return show(node, at(name), inner);
        }
        shown_.all.push_back({at(name), inner.on ? "true" : "false",
                              node == nullptr ? "default" : shown_.origin_of(*node)});
        if (inner.on) show(nullptr, at(name), inner);
    }

    void not_yet(std::string_view, const char*) {}

private:
    [[nodiscard]] const Node* find(std::string_view name) const
    {
        return map_ == nullptr ? nullptr : map_->find(name);
    }

    [[nodiscard]] std::string at(std::string_view name) const
    {
        return prefix_.empty() ? std::string{name} : fmt::format("{}.{}", prefix_, name);
    }

    template <class T>
    void show(const Node* node, std::string path, const T& settings)
    {
        Shower<T> inner{node, std::move(path), settings, shown_};
        T::describe(inner);
    }

    const Node* map_;
    std::string prefix_;
    const S& settings_;
    Shown& shown_;
};

/// Secrets that no file spells out.
void show_secrets(const Settings& settings, Shown& shown)
{
    const auto add = [&](std::string_view variable, const Secret& secret, const std::string& file) {
        if (secret.empty()) return;
        shown.all.push_back({std::string(variable), masked,
                             file.empty() ? fmt::format("environment {}", variable) : file});
    };
    const auto& tokens = settings.tokens;
    add("GATEHOUSE_ADMIN_TOKEN", settings.admin_api.token, "");
    add("ACCESS_TOKEN_SECRET", tokens.access_secret, "");
    add("REFRESH_TOKEN_SECRET", tokens.refresh_secret, "");
    add("SEALING_SECRET", tokens.sealing_secret, tokens.sealing_file);
    add("PGPASSWORD", settings.postgres.password, settings.postgres.password_file);
    add("REDIS_PASSWORD", settings.redis.password, settings.redis.password_file);
    add("SMTP_PASSWORD", settings.mail.password, settings.mail.password_file);
    add("OTEL_EXPORTER_OTLP_HEADERS", settings.tracing.headers, settings.tracing.headers_file);
}

} // namespace

std::vector<ShownSetting> shown_settings(const Settings& settings, const Node& root,
                                         const Report& report)
{
    Shown shown{report};
    Shower<Settings> shower{&root, "", settings, shown};
    Settings::describe(shower);
    show_secrets(settings, shown);
    shown.all.shrink_to_fit(); // it stays as long as the settings do
    return std::move(shown.all);
}

} // namespace gatehouse::config
