#include "config/environment/substitute.hpp"

#include "config/environment/names.hpp"
#include "config/environment/read_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace gatehouse::config {
namespace {

constexpr std::size_t file_limit = 64 * 1024; // secrets and URLs, not data

class Substitution {
public:
    Substitution(const Environment& environment, const std::string& folder, Report& report)
        : environment_(environment),
          folder_(folder),
          report_(report)
    {
    }

    void walk(Node& node, const std::string& path)
    {
        if (node.kind == Node::Kind::scalar && node.option.empty()) replace_in(node, path);
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            walk(node.items[i], fmt::format("{}[{}]", path, i));
        }
        for (auto& entry : node.entries) {
            walk(entry.value, path.empty() ? entry.key : path + "." + entry.key);
        }
    }

private:
    void replace_in(Node& node, const std::string& path)
    {
        if (node.text.find("${") == std::string::npos) return;
        std::string out;
        bool failed = false;
        bool replaced = false;
        std::string_view rest = node.text;
        for (auto start = rest.find("${"); start != rest.npos; start = rest.find("${")) {
            const bool escaped = start > 0 && rest[start - 1] == '$';
            out += rest.substr(0, escaped ? start - 1 : start);
            rest.remove_prefix(start + 2);
            if (escaped) {
                out += "${";
                continue;
            }
            const auto value = take_variable(rest, node, path);
            failed = failed || !value;
            replaced = true;
            out += value.value_or("");
        }
        out += rest;
        if (replaced) node.written = node.text;
        node.text = std::move(out);
        if (failed) node.kind = Node::Kind::broken;
    }

    /// The value of what stands between `${` and `}`; `rest` begins inside and ends up behind it.
    std::optional<std::string> take_variable(std::string_view& rest, const Node& node,
                                             const std::string& path)
    {
        const auto end = rest.find('}');
        const auto inside = rest.substr(0, end);
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        return end == rest.npos ? unclosed(node, path) : value_of(inside, node, path);
    }

    std::optional<std::string> unclosed(const Node& node, const std::string& path)
    {
        report_.error(node, path, {"${ without }", "close it, or write $${ for the characters"});
        return {};
    }

    std::optional<std::string> value_of(std::string_view inside, const Node& node,
                                        const std::string& path)
    {
        if (inside.starts_with("file:")) return content_of(inside.substr(5), node, path);
        const auto colon = inside.find(":-");
        const auto name = inside.substr(0, colon);
        if (!is_variable_name(name)) {
            report_.error(node, path,
                          {fmt::format("{} is not a name that can be replaced", quoted(inside)),
                           "write ${NAME}, ${NAME:-default} or ${file:/path}, or $${ for the "
                           "characters"});
            return {};
        }
        const auto value = find(environment_, name);
        const bool has_default = colon != inside.npos;
        if (has_default && (!value || value->empty())) return std::string{inside.substr(colon + 2)};
        if (value) return std::string{*value};
        report_.error(node, path,
                      {fmt::format("the variable {} is not set", name),
                       fmt::format("set it, or write a default: ${{{}:-value}}", name)});
        return {};
    }

    std::optional<std::string> content_of(std::string_view name, const Node& node,
                                          const std::string& path)
    {
        const auto file = (std::filesystem::path{folder_} / name).string();
        report_.draws_in(file);
        auto content = read_file(file, file_limit);
        if (!content) {
            report_.error(node, path,
                          {fmt::format("the file {} {}", file, content.error().message),
                           "a path that does not begin with / starts at the folder of "
                           "this configuration"});
            return {};
        }
        if (content->ends_with('\n')) content->pop_back();
        if (content->ends_with('\r')) content->pop_back();
        return *std::move(content);
    }

    const Environment& environment_;
    const std::string& folder_;
    Report& report_;
};

} // namespace

void substitute(Node& root, const Environment& environment, const std::string& folder,
                Report& report)
{
    Substitution{environment, folder, report}.walk(root, "");
}

} // namespace gatehouse::config
