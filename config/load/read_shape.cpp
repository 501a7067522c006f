#include "config/load/read_value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

// A JSON reader may refuse what is deeper than 16, and a token is an object already.
constexpr int deepest_shape = 8;

class ShapeReader {
public:
    ShapeReader(Drawing drawing, Report& report) : drawing_(drawing), report_(report) {}

    Shape read(const Node& node, const std::string& key, int depth)
    {
        Shape shape;
        constexpr auto hint = "write names and what is behind them, for example {id: $id}";
        if (!is_a(Node::Kind::map, node, key, hint, report_)) return shape;
        if (depth > deepest_shape) {
            report_.error(node, key, {"is too deep", fmt::format("{} are enough", deepest_shape)});
            return shape;
        }
        if (node.entries.empty()) report_.error(node, key, {"is empty", hint});
        for (const auto& entry : node.entries) {
            const auto path = fmt::format("{}.{}", key, entry.key);
            if (entry.value.kind == Node::Kind::map) {
                shape.members.push_back({entry.key, read(entry.value, path, depth + 1)});
            } else {
                read_leaf(entry, path, shape);
            }
        }
        return shape;
    }

private:
    void read_leaf(const Entry& entry, const std::string& key, Shape& shape)
    {
        const auto& node = entry.value;
        if (!is_a(Node::Kind::scalar, node, key, "write a text, $id and the like, or a map",
                  report_)) {
            return;
        }
        if (!node.text.starts_with('$')) {
            shape.members.push_back({entry.key, node.text});
            return;
        }
        const auto wanted = std::string_view(node.text).substr(1);
        std::vector<std::string_view> known;
        for (const auto& word : words(Fill{})) {
            if (!may_show(drawing_, word.value)) continue;
            known.push_back(word.text);
            if (word.text == wanted) shape.members.push_back({entry.key, word.value});
        }
        if (std::ranges::find(known, wanted) != known.end()) return;
        report_.error(node, key,
                      {fmt::format("{} is nothing that can be filled in here", quoted(node)),
                       nearest_hint(wanted, known)});
    }

    Drawing drawing_;
    Report& report_;
};

} // namespace

void read(const Node& node, const std::string& key, Shape& value, Drawing drawing, Report& report)
{
    value = ShapeReader{drawing, report}.read(node, key, 1);
}

} // namespace gatehouse::config
