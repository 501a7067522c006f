#include "gateway/routing/router.hpp"

#include "config/basics/enforced.hpp"
#include "config/routes/pattern.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/routing/edge_table.hpp"
#include "gateway/routing/escapes.hpp"
#include "gateway/routing/host.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::gateway {
namespace {

using Index = EdgeTable::mapped_type;
constexpr Index none = ~Index{0};

/// Where a pattern ends: the routes with this same host and path, told apart by method.
struct Leaf {
    struct ByMethod {
        std::string_view method;
        const Route* route;
    };

    std::vector<ByMethod> listed;
    const Route* any = nullptr;
    std::string allow;
};

/// A place in the tree of patterns. Its literal children are edges in one table for all nodes.
struct Node {
    Index one = none;  // child for `*`
    Index rest = none; // leaf of a pattern that ends in `**` here
    Index end = none;  // leaf of a pattern that ends here
};

using HostTable = boost::unordered_flat_map<std::string, Index, CaselessHash, CaselessEqual>;

bool lists(const Leaf& leaf, std::string_view method)
{
    return std::ranges::find(leaf.listed, method, &Leaf::ByMethod::method) != leaf.listed.end();
}

/// Whether `method` is one with a route of its own but for its case. Django and Flask write methods
/// in capitals: `delete` would be a DELETE there, and would have come by the route for all others.
bool resembles_listed(const Leaf& leaf, std::string_view method) noexcept
{
    return std::ranges::any_of(leaf.listed, [&](const Leaf::ByMethod& entry) {
        if (equal_ignoring_case(entry.method, method)) return true;
        return entry.method == "GET" && equal_ignoring_case(method, "HEAD"); // which comes with it
    });
}

const Route* choose(const Leaf& leaf, std::string_view method) noexcept
{
    for (const auto& entry : leaf.listed) {
        if (entry.method == method) return entry.route;
    }
    // Who may GET may ask for the head of it.  RFC 9110, 9.3.2
    if (method == "HEAD") {
        for (const auto& entry : leaf.listed) {
            if (entry.method == "GET") return entry.route;
        }
    }
    if (enforced("router.method_case") && resembles_listed(leaf, method)) return nullptr;
    return leaf.any;
}

} // namespace

struct Router::Tables {
    std::vector<Route> routes;
    std::vector<std::string> upstreams;
    boost::unordered_flat_map<std::string, std::size_t> upstream_numbers;
    std::vector<Node> nodes;
    std::vector<Leaf> leaves;
    EdgeTable edges;
    HostTable exact_hosts;    // to the root of their patterns
    HostTable wildcard_hosts; // by what follows `*.`
    Index any_host = none;

    void add(const config::RouteSettings& settings, std::size_t number, const Treatment* treatment);
    Index root_of(const config::HostPattern& host);
    Index leaf_of(Index root, const config::PathPattern& pattern);
    std::size_t upstream_of(const std::string& to);
    void finish_allow();
    const Leaf* find(std::string_view host, std::string_view path) const noexcept;
    const Leaf* find_by_name(std::string_view name, std::string_view rest) const noexcept;
    const Leaf* descend(Index node, std::optional<std::string_view> rest) const noexcept;

    Index new_node()
    {
        nodes.emplace_back();
        return static_cast<Index>(nodes.size() - 1);
    }

    Index& new_leaf(Index& place)
    {
        if (place != none) return place;
        leaves.emplace_back();
        return place = static_cast<Index>(leaves.size() - 1);
    }
};

Index Router::Tables::root_of(const config::HostPattern& host)
{
    const auto in = [this](HostTable& table, const std::string& name) {
        const auto known = table.find(name);
        if (known != table.end()) return known->second;
        return table.emplace(name, new_node()).first->second;
    };
    switch (host.kind) {
    case config::HostPattern::Kind::exact:
        return in(exact_hosts, host.name);
    case config::HostPattern::Kind::wildcard:
        return in(wildcard_hosts, host.name);
    case config::HostPattern::Kind::none:
        break;
    }
    if (any_host == none) any_host = new_node();
    return any_host;
}

Index Router::Tables::leaf_of(Index root, const config::PathPattern& pattern)
{
    Index node = root;
    for (const auto& segment : pattern.segments) {
        switch (segment.kind) {
        case config::SegmentKind::rest:
            return new_leaf(nodes[node].rest);
        case config::SegmentKind::one:
            if (nodes[node].one == none) {
                const Index child = new_node(); // may move `nodes`
                nodes[node].one = child;
            }
            node = nodes[node].one;
            break;
        case config::SegmentKind::literal:
            const auto known = edges.find(Edge{node, segment.text});
            if (known != edges.end()) {
                node = known->second;
            } else {
                const Index child = new_node();
                edges.emplace(Edge{node, segment.text}, child);
                node = child;
            }
            break;
        }
    }
    return new_leaf(nodes[node].end);
}

std::size_t Router::Tables::upstream_of(const std::string& to)
{
    const auto [place, is_new] = upstream_numbers.try_emplace(to, upstreams.size());
    if (is_new) upstreams.push_back(to);
    return place->second;
}

void Router::Tables::add(const config::RouteSettings& settings, std::size_t number,
                         const Treatment* treatment)
{
    const auto path = config::parse_path_pattern(settings.match);
    const auto host = config::parse_host_pattern(settings.host);
    // Reading the settings has refused these already; a rule that cannot be read leads nowhere.
    if (!path || !host) return;
    const auto upstream = settings.redirect ? no_upstream : upstream_of(settings.to);
    routes.push_back({&settings, upstream, number, treatment});
    auto& leaf = leaves[leaf_of(root_of(*host), *path)];
    if (settings.methods.empty()) leaf.any = &routes.back();
    for (const auto& method : settings.methods) leaf.listed.push_back({method, &routes.back()});
}

void Router::Tables::finish_allow()
{
    for (auto& leaf : leaves) {
        for (const auto& entry : leaf.listed) {
            if (!leaf.allow.empty()) leaf.allow += ", ";
            leaf.allow += entry.method;
        }
        if (lists(leaf, "GET") && !lists(leaf, "HEAD")) leaf.allow += ", HEAD";
    }
}

/// `rest` is what follows the slash after `node`; nothing at the end of the path. A literal is
/// tried before `*` before `**`; coming back from a dead end is what makes `/a/*/c` match where
/// `/a/b/**`'s neighbour `/a/b/d` does not. Each node is visited at most once.
const Leaf* Router::Tables::descend(Index node, std::optional<std::string_view> rest) const noexcept
{
    const auto& here = nodes[node];
    const auto leaf = [this](Index index) { return index == none ? nullptr : &leaves[index]; };
    if (!rest) return here.end != none ? leaf(here.end) : leaf(here.rest);

    const auto slash = rest->find('/');
    const auto segment = without_params(rest->substr(0, slash));
    const auto next = slash == rest->npos ? std::nullopt : std::optional{rest->substr(slash + 1)};

    const auto literal = edges.find(EdgeView{node, segment});
    if (literal != edges.end()) {
        if (const auto* found = descend(literal->second, next)) return found;
    }
    if (here.one != none && !segment.empty()) {
        if (const auto* found = descend(here.one, next)) return found;
    }
    return leaf(here.rest);
}

const Leaf* Router::Tables::find(std::string_view host, std::string_view path) const noexcept
{
    const auto rest = path.substr(1);
    if (!exact_hosts.empty() || !wildcard_hosts.empty()) {
        if (const auto* leaf = find_by_name(host_name(host), rest)) return leaf;
    }
    return any_host == none ? nullptr : descend(any_host, rest);
}

/// Only the routes that name a host.
const Leaf* Router::Tables::find_by_name(std::string_view name,
                                         std::string_view rest) const noexcept
{
    const auto under = [&](const HostTable& table, std::string_view key) -> const Leaf* {
        const auto root = table.find(key);
        return root == table.end() ? nullptr : descend(root->second, rest);
    };
    if (const auto* leaf = under(exact_hosts, name)) return leaf;
    const auto dot = name.find('.');
    return dot == name.npos || dot == 0 ? nullptr : under(wildcard_hosts, name.substr(dot + 1));
}

Router::Router(const std::vector<config::RouteSettings>& routes,
               std::span<const std::unique_ptr<const Treatment>> treatments)
{
    auto tables = std::make_unique<Tables>();
    tables->routes.reserve(routes.size()); // leaves point into it
    for (std::size_t i = 0; i < routes.size(); ++i) {
        tables->add(routes[i], i, i < treatments.size() ? treatments[i].get() : nullptr);
    }
    tables->finish_allow();
    tables_ = std::move(tables);
}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

RouteMatch Router::match(std::string_view host, std::string_view path,
                         std::string_view method) const noexcept
{
    if (path.empty()) return {};
    const auto* leaf = tables_->find(host, path);
    if (leaf == nullptr) return {};
    if (const auto* route = choose(*leaf, method)) return {route, {}};
    return {nullptr, leaf->allow};
}

const std::vector<std::string>& Router::upstreams() const noexcept
{
    return tables_->upstreams;
}

} // namespace gatehouse::gateway
