#pragma once

#include "config/diagnostics/report.hpp"
#include "config/yaml/node.hpp"

namespace gatehouse::config {

/// Bounds of one document, far above what a configuration needs (10,000 routes have 100,000 nodes).
inline constexpr std::size_t yaml_depth_limit = 16;
inline constexpr std::size_t yaml_node_limit = 1'000'000;
inline constexpr std::size_t yaml_bytes_limit = 16 * 1024 * 1024;

/// Our own files say everything in place. Those of compose may say it once, with an anchor, and
/// refer to it: an alias is then replaced by what it means, and counts as much; tags mean nothing.
enum class YamlDialect { settings, compose };

/// Reads the report's text as one YAML document with a map on top (nothing at all is an empty map).
/// Reports syntax errors, duplicate keys, anchors, aliases, tags, keys that are no words, a second
/// document and broken bounds; what was reported is not in the tree any more, or marked `broken`.
[[nodiscard]] Node read_yaml(Report& report, YamlDialect dialect = YamlDialect::settings);

} // namespace gatehouse::config
