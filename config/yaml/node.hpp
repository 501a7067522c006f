#pragma once

#include "config/diagnostics/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

struct Entry;

/// One value of a YAML document with its place. Scalars are text: what they mean is decided by the
/// key they belong to, never by their looks.
struct Node {
    enum class Kind {
        null,
        scalar,
        list,
        map,
        broken // already blamed: nobody reads it further
    };

    Kind kind = Kind::null;
    std::string text; // of a scalar, after replacement
    /// What stood in the file, when a replacement changed it. Messages show this and never the
    /// replaced text, which may be a secret.
    std::optional<std::string> written;
    std::vector<Node> items;    // of a list
    std::vector<Entry> entries; // of a map, in the order of the file
    std::size_t offset = 0;     // in the file, in bytes
    std::string option;         // set: came from this command-line option, not from the file

    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Entry {
    std::string key;
    std::size_t offset = 0;
    Node value;
};

/// The node at a path such as `routes[2].cors.origins`, or the deepest one above it that exists.
[[nodiscard]] const Node& nearest_node(const Node& root, std::string_view path);

/// Puts a scalar at `path`, creating maps and list items on the way.
void put(Node& root, std::string_view path, std::string text, std::string option);

/// The scalar between quotation marks, short and printable, for a message.
[[nodiscard]] std::string quoted(const Node& scalar);
[[nodiscard]] std::string quoted(std::string_view text);
/// The same for a setting of which `node` may or may not be the source.
[[nodiscard]] std::string quoted(const Node& node, std::string_view value);

} // namespace gatehouse::config
