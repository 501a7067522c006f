#pragma once

#include "gateway/cache/keyed_request.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway::test {

inline const HeaderPolicy& usual_policy()
{
    static const HeaderPolicy policy{config::Settings{}};
    return policy;
}

/// A request as its upstream would get it.
struct Sent {
    std::string target = "/a?b=c";
    std::string fields{};
    std::string user{};
    std::string scheme = "http";
    std::string host = "a";
    std::string path = "/a";
    std::string query = "?b=c";
    std::string api_key{};
    std::size_t route = 0;
    std::string upstream = "api";
    std::uint64_t generation = 1;
    std::vector<std::string> vary{};
    unsigned issuer = 0;
    const HeaderPlan* changes = nullptr;

    [[nodiscard]] std::unique_ptr<KeyedRequest> keyed() const
    {
        AskedFacts facts;
        facts.generation = generation;
        facts.route = route;
        facts.upstream = upstream;
        facts.scheme = scheme;
        facts.host = host;
        facts.path = path;
        facts.query = query;
        facts.user = user;
        facts.api_key = api_key;
        facts.vary = vary;
        facts.issuer = issuer;
        facts.changes = changes;
        static int number = 0;
        const auto identity = user.empty() ? "" : "X-User-Id: " + user + "\r\n";
        const auto head =
            fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}X-Request-Id: r{}\r\n{}\r\n", target,
                        host, fields, ++number, identity);
        return std::make_unique<KeyedRequest>(head, facts, usual_policy());
    }

    [[nodiscard]] std::string all() const
    {
        const auto asked = keyed();
        return asked->resource + '|' + asked->for_all;
    }

    [[nodiscard]] std::string own() const
    {
        const auto asked = keyed();
        return asked->resource + '|' + asked->for_user;
    }
};

} // namespace gatehouse::gateway::test
