#include "config/yaml/node.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::config {
namespace {

/// One step of a path: a key, or an index in brackets.
struct Step {
    std::string_view key;
    std::optional<std::size_t> index;
};

Step next_step(std::string_view& path)
{
    if (path.starts_with('[')) {
        std::size_t index = 0;
        const auto close = std::min(path.find(']'), path.size() - 1);
        std::from_chars(path.data() + 1, path.data() + close, index);
        path.remove_prefix(close + 1);
        if (path.starts_with('.')) path.remove_prefix(1);
        return {{}, index};
    }
    const auto end = std::min(path.find_first_of(".["), path.size());
    const Step step{path.substr(0, end), {}};
    path.remove_prefix(end);
    if (path.starts_with('.')) path.remove_prefix(1);
    return step;
}

} // namespace

const Node* Node::find(std::string_view key) const
{
    const auto entry = std::ranges::find(entries, key, &Entry::key);
    return entry == entries.end() ? nullptr : &entry->value;
}

const Node& nearest_node(const Node& root, std::string_view path)
{
    const Node* node = &root;
    while (!path.empty()) {
        const auto step = next_step(path);
        if (step.index && *step.index >= node->items.size()) break;
        const Node* next = step.index ? &node->items[*step.index] : node->find(step.key);
        if (next == nullptr) break;
        node = next;
    }
    return *node;
}

void put(Node& root, std::string_view path, std::string text, std::string option)
{
    Node* node = &root;
    while (!path.empty()) {
        const auto step = next_step(path);
        if (step.index) {
            node->kind = Node::Kind::list;
            if (node->items.size() <= *step.index) node->items.resize(*step.index + 1);
            node = &node->items[*step.index];
            continue;
        }
        node->kind = Node::Kind::map;
        auto entry = std::ranges::find(node->entries, step.key, &Entry::key);
        if (entry == node->entries.end()) {
            node->entries.push_back({std::string{step.key}, 0, {}});
            node->entries.back().value.option = option;
            entry = node->entries.end() - 1;
        }
        node = &entry->value;
    }
    *node = Node{};
    node->kind = Node::Kind::scalar;
    node->text = std::move(text);
    node->option = std::move(option);
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 80;
    std::string out = "\"";
    for (const char c : text.substr(0, longest)) {
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return out + (text.size() > longest ? "...\"" : "\"");
}

std::string quoted(const Node& scalar)
{
    if (!scalar.written) return quoted(scalar.text);
    return quoted(*scalar.written) + " (as replaced)";
}

std::string quoted(const Node& node, std::string_view value)
{
    return node.written ? quoted(node) : quoted(value);
}

} // namespace gatehouse::config
