#pragma once

#include "gateway/headers/upstream_head.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway::test {

/// One forwarding with everything that can be turned.
class UpstreamHead : public testing::Test {
protected:
    std::string write(const RequestHead& head)
    {
        const HeaderPolicy policy{settings};
        const ClientRules clients{settings};
        Forwarding forwarding{
            policy, ids, {"192.0.2.7", trusted, tls},
              clients, "req-1", "10.0.0.1:8080", body
        };
        forwarding.unheard = &unheard;
        forwarding.expect_continue = expect_continue;
        forwarding.trace = trace;
        forwarding.certificate = certificate;
        Admission admission{&route, head.origin_target, query, principal};
        return written(
            [&](HeadWriter& out) { write_upstream_head(out, head, admission, forwarding); });
    }

    /// The client's fields that reached the backend: what stands between Host and what we add.
    std::vector<std::string> passed(std::vector<Field> fields)
    {
        auto all = lines(write(request("GET", "/", std::move(fields))));
        const auto added = std::ranges::find_if(
            all, [](const auto& line) { return line.starts_with("X-Request-Id: req-1"); });
        return {all.begin() + 2, added};
    }

    config::Settings settings;
    config::RouteSettings route_settings;
    Route route{&route_settings, 0};
    IdSource ids;
    Framing body;
    std::string_view query;
    bool trusted = false;
    bool tls = false;
    bool expect_continue = false;
    bool unheard = false;
    TraceTold trace;
    auth::Principal user{
        "user-1", "session-1", {"admin", "staff"},
          {}
    };
    const auth::Principal* principal = nullptr;
    const ShownCertificate* certificate = nullptr;
};

} // namespace gatehouse::gateway::test
