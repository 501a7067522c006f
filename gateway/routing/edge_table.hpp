#pragma once

#include "gateway/routing/escapes.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace gatehouse::gateway {

/// A literal child: from this node, by this segment. As a key it is decoded; what is looked up may
/// still have its escapes.
struct Edge {
    std::uint32_t from;
    std::string text;
};

struct EdgeView {
    std::uint32_t from;
    std::string_view text;
};

struct EdgeHash {
    using is_transparent = void;

    /// FNV-1a. The keys come from the operator's file, so nobody can choose colliding ones.
    template <class AnyEdge>
    std::size_t operator()(const AnyEdge& edge) const noexcept
    {
        std::uint64_t hash = 0xcbf29ce484222325ULL ^ edge.from;
        for (std::string_view rest = edge.text; !rest.empty();) {
            const char c = decodes<AnyEdge> ? take_decoded(rest) : take_plain(rest);
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        return hash;
    }

private:
    template <class AnyEdge>
    static constexpr bool decodes = std::is_same_v<AnyEdge, EdgeView>;

    static char take_plain(std::string_view& rest) noexcept
    {
        const char c = rest.front();
        rest.remove_prefix(1);
        return c;
    }
};

struct EdgeEqual {
    using is_transparent = void;

    bool operator()(const Edge& left, const Edge& right) const noexcept
    {
        return left.from == right.from && left.text == right.text;
    }

    bool operator()(const EdgeView& sent, const Edge& key) const noexcept
    {
        if (sent.from != key.from) return false;
        std::string_view left = sent.text;
        std::string_view right = key.text;
        while (!left.empty() && !right.empty()) {
            if (take_decoded(left) != right.front()) return false;
            right.remove_prefix(1);
        }
        return left.empty() && right.empty();
    }

    bool operator()(const Edge& key, const EdgeView& sent) const noexcept
    {
        return (*this)(sent, key);
    }
};

/// All literal children of all nodes.
using EdgeTable = boost::unordered_flat_map<Edge, std::uint32_t, EdgeHash, EdgeEqual>;

} // namespace gatehouse::gateway
