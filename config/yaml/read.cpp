#include "config/yaml/read.hpp"

#include "config/yaml/text_check.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <unordered_map>

namespace gatehouse::config {
namespace {

/// There is no use in reading on: a bound was broken, or what follows is in the wrong place.
struct Stop {};

/// Builds our tree from the library's events. The library's own tree would keep duplicate keys
/// silently and resolve aliases, so that ten lines could become a billion nodes.
class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(Report& report, YamlDialect dialect) : report_(report), dialect_(dialect) {}

    [[nodiscard]] Node take_root() { return std::move(root_); }

    /// Where the innermost bracket that is still open stands.
    [[nodiscard]] std::optional<Place> open_bracket() const
    {
        if (open_.empty() || !open_.back().in_brackets) return {};
        return report_.text().place_of(open_.back().node.offset);
    }

    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        Node node = begin(mark, {}, anchor);
        node.offset = offset_of_nothing(node.offset);
        add(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        Node node = begin(mark, {}, 0);
        if (dialect_ == YamlDialect::compose) return add(meaning_of(anchor, node), 0);
        blame(node, {"aliases are not supported", "write the value here once more"});
        node.kind = Node::Kind::broken;
        add(std::move(node), 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        Node node = begin(mark, tag, anchor);
        node.kind = Node::Kind::scalar;
        node.text = value;
        // The library takes the end of the file for the other one, if a line break stands before.
        if (is_open_quote(report_.text().text(), node.offset)) {
            blame(node, {"the quotation mark that opens here is never closed",
                         "close it behind the value; all that follows belongs to it otherwise"});
            throw Stop{};
        }
        add(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override
    {
        open(begin(mark, tag, anchor), Node::Kind::list, anchor, style);
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override
    {
        open(begin(mark, tag, anchor), Node::Kind::map, anchor, style);
    }

    void OnMapEnd() override { close(); }

private:
    /// A list or map that is still open. `key` holds a map's key until its value is complete.
    struct Open {
        Node node;
        bool has_key = false;
        bool key_is_bad = false;
        std::string key;
        std::size_t key_offset = 0;
        std::unordered_map<std::string, std::size_t> seen; // key and its offset
        YAML::anchor_t anchor = 0;
        bool in_brackets = false;
    };

    Node begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor)
    {
        Node node;
        node.offset = offset_of(mark);
        count(1, node);
        if (dialect_ == YamlDialect::compose) return node;
        if (anchor != 0) blame(node, {"anchors are not supported", "remove the word after &"});
        // "?" marks a plain scalar, "!" a quoted one: neither was written as a tag.
        if (!tag.empty() && tag != "?" && tag != "!") {
            blame(node, {"tags are not supported", "remove the word after !"});
        }
        return node;
    }

    /// The library looks for a value until it has found something else, which may be lines below:
    /// who is told of that line would take the wrong one away.
    [[nodiscard]] std::size_t offset_of_nothing(std::size_t found) const
    {
        if (open_.empty()) return found;
        const auto& text = report_.text();
        const auto& inner = open_.back();
        if (inner.has_key) {
            const bool is_below = text.place_of(inner.key_offset).line != text.place_of(found).line;
            return is_below ? inner.key_offset : found;
        }
        const auto last = text.text().substr(0, found).find_last_not_of(" \t\r\n");
        const bool is_dash = inner.node.kind == Node::Kind::list &&
                             last != std::string_view::npos && text.text()[last] == '-';
        return is_dash ? last : found;
    }

    void count(std::size_t more, const Node& node)
    {
        nodes_ += more;
        if (nodes_ <= yaml_node_limit) return;
        blame(node, {fmt::format("more than {} values", yaml_node_limit), ""});
        throw Stop{};
    }

    /// A copy of what stood behind the anchor; nothing where it is not complete yet.
    Node meaning_of(YAML::anchor_t anchor, const Node& alias)
    {
        const auto found = anchored_.find(anchor);
        if (found == anchored_.end()) return alias;
        count(size_of(found->second), alias);
        return found->second;
    }

    static std::size_t size_of(const Node& node)
    {
        std::size_t size = 1;
        for (const auto& item : node.items) size += size_of(item);
        for (const auto& entry : node.entries) size += size_of(entry.value);
        return size;
    }

    void open(Node node, Node::Kind kind, YAML::anchor_t anchor, YAML::EmitterStyle::value style)
    {
        if (open_.size() == yaml_depth_limit) {
            blame(node, {fmt::format("nested more than {} levels deep", yaml_depth_limit), ""});
            throw Stop{};
        }
        node.kind = kind;
        const bool in_brackets = style == YAML::EmitterStyle::Flow;
        open_.push_back({std::move(node), false, false, {}, 0, {}, anchor, in_brackets});
    }

    void close()
    {
        Node node = std::move(open_.back().node);
        const auto anchor = open_.back().anchor;
        open_.pop_back();
        add(std::move(node), anchor);
    }

    void add(Node node, YAML::anchor_t anchor)
    {
        if (anchor != 0 && dialect_ == YamlDialect::compose) anchored_[anchor] = node;
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (open_.back().node.kind == Node::Kind::list) {
            open_.back().node.items.push_back(std::move(node));
        } else if (!open_.back().has_key) {
            add_key(open_.back(), node);
        } else {
            add_value(open_.back(), std::move(node));
        }
    }

    void add_key(Open& map, Node& node)
    {
        map.has_key = true;
        map.key_is_bad = node.kind != Node::Kind::scalar;
        if (map.key_is_bad) {
            if (node.kind != Node::Kind::broken) {
                blame(node, {"a key must be a word", "write `name: value`"});
            }
            return;
        }
        map.key = std::move(node.text);
        map.key_offset = node.offset;
        const auto [first, is_new] = map.seen.try_emplace(map.key, node.offset);
        if (is_new) return;
        map.key_is_bad = true;
        const auto line = report_.text().place_of(first->second).line;
        blame(node, {fmt::format("the key {} stands here a second time", quoted(map.key)),
                     fmt::format("the first one is on line {}; keep one of them", line)});
    }

    static void add_value(Open& map, Node node)
    {
        map.has_key = false;
        if (map.key_is_bad) return;
        map.node.entries.push_back({std::move(map.key), map.key_offset, std::move(node)});
    }

    void blame(const Node& node, Problem problem)
    {
        report_.error(node, path(), std::move(problem));
    }

    /// Where the reader stands, such as `routes[2].cors`.
    [[nodiscard]] std::string path() const
    {
        std::string path;
        for (const auto& level : open_) {
            if (level.node.kind == Node::Kind::list) {
                path += fmt::format("[{}]", level.node.items.size());
            } else if (level.has_key && !level.key.empty()) {
                path += (path.empty() ? "" : ".") + level.key;
            }
        }
        return path;
    }

    [[nodiscard]] static std::size_t offset_of(const YAML::Mark& mark)
    {
        return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    }

    Report& report_;
    YamlDialect dialect_;
    Node root_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Node> anchored_;
    std::size_t nodes_ = 0;
};

void report_syntax_error(Report& report, const YAML::Exception& error,
                         const std::optional<Place>& open_bracket)
{
    const auto offset = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
    const bool lacks_end = error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                           error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW ||
                           error.msg == YAML::ErrorMsg::BLOCK_ENTRY; // a dash of the next item
    const bool ends_another = error.msg == YAML::ErrorMsg::FLOW_END;
    std::string hint =
        "check indentation (blanks, never tabs), colons and quotation marks around here";
    if (open_bracket &&
        (ends_another || (lacks_end && open_bracket->line < report.text().place_of(offset).line))) {
        hint = fmt::format("close the bracket that opens on line {}, column {}", open_bracket->line,
                           open_bracket->column);
    }
    report.error(offset, "", {"this is not YAML: " + error.msg, std::move(hint)});
}

void read_documents(YAML::Parser& parser, TreeBuilder& builder, Report& report)
{
    if (!parser.HandleNextDocument(builder)) return;
    Report ignored{"", report.text().text()};
    TreeBuilder rest{ignored, YamlDialect::settings};
    if (parser.HandleNextDocument(rest)) {
        const Node node = rest.take_root();
        report.error(node, "", {"a second document begins here", "remove the line `---`"});
    }
}

} // namespace

Node read_yaml(Report& report, YamlDialect dialect)
{
    Node root;
    if (auto mistake = find_text_mistake(report.text().text(), yaml_bytes_limit)) {
        report.error(mistake->offset, "", std::move(mistake->problem));
        root.kind = Node::Kind::broken;
        return root;
    }
    TreeBuilder builder{report, dialect};
    try {
        std::istringstream in{std::string{report.text().text()}};
        YAML::Parser parser{in};
        read_documents(parser, builder, report);
        root = builder.take_root();
    } catch (const Stop&) {
        root.kind = Node::Kind::broken;
    } catch (const YAML::Exception& error) {
        report_syntax_error(report, error, builder.open_bracket());
        root.kind = Node::Kind::broken;
    }
    if (root.kind == Node::Kind::null) root.kind = Node::Kind::map;
    if (root.kind == Node::Kind::scalar || root.kind == Node::Kind::list) {
        const bool ours = dialect == YamlDialect::settings;
        report.error(root, "",
                     {"the file must be a map of keys",
                      ours ? "begin with `routes:`" : "begin with `services:`"});
        root.kind = Node::Kind::broken;
    }
    return root;
}

} // namespace gatehouse::config
