#include "gateway/headers/header_policy.hpp"
#include "gateway/headers/hop_by_hop.hpp"
#include "gateway/http/trailer_rules.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(MayBeTrailer, AllowsWhatIsComputedWhileABodyIsSent)
{
    const char* const allowed[] = {
        "Server-Timing", "ETag", "Digest", "Content-Digest", "Content-MD5", "Grpc-Status",
        "Grpc-Message",  "X",    "x-sum",  "Signature",      "X-Forwarded", "Iffy",
    };
    for (const auto* const name : allowed) {
        SCOPED_TRACE(name);
        EXPECT_TRUE(may_be_trailer(name, "X-Account"));
    }
}

TEST(MayBeTrailer, DropsNamesThatFrameRouteIdentifyOrAuthenticate)
{
    // R5, R20: in every spelling that a backend may fold
    const char* const dropped[] = {
        "Content-Length",
        "content_length",
        "Transfer-Encoding",
        "Connection",
        "TE",
        "Trailer",
        "Upgrade",
        "Keep-Alive",
        "Host",
        "Forwarded",
        "X-Forwarded-For",
        "x_forwarded.proto",
        "X-Original-URL",
        "Via",
        "traceparent",
        "Authorization",
        "AUTHORIZATION",
        "Cookie",
        "Set-Cookie",
        "X-User-Id",
        "x_user_id",
        "X.User~Id",
        "X-Session-Id",
        "X-User-Roles",
        "X-Request-Id",
        "Cache-Control",
        "Expect",
        "Range",
        "If-Match",
        "Content-Type",
        "Content-Encoding",
        "X-Account",
        "x.ACCOUNT",
        "Access-Control-Allow-Origin",
        "Proxy-Authorization",
        "WWW-Authenticate",
    };
    for (const auto* const name : dropped) {
        SCOPED_TRACE(name);
        EXPECT_FALSE(may_be_trailer(name, "X-Account"));
    }
}

TEST(MayBeTrailer, DropsWhatNoFieldOfAHeadBringsToABackend) // R5, R23
{
    const char* const dropped[] = {
        "Proxy",         "proxy_x",      "Proxy-Connection",      "HTTP2-Settings",
        "Path-Info",     "Script_Name",  "Request-URI",           "X-Original-URI",
        "X-Rewrite-URL", "X-Real-IP",    "X-Envoy-Original-Path", "Sec-WebSocket-Protocol",
        "Forwarded",     "X-Request-Id", "x_forwarded_for",
    };
    for (const auto* const name : dropped) {
        SCOPED_TRACE(name);
        EXPECT_TRUE(is_forwarding_name(name) || transport_of(name) != Transport::none);
        EXPECT_FALSE(may_be_trailer(name, ""));
    }
    EXPECT_FALSE(may_be_trailer("baggage", "")) << "of a trace that nobody believes";
}

TEST(MayBeTrailer, DropsEachOfTheNamesThatAreOurs) // R5, R20
{
    for (const auto* name : {"X-Account", "x_account", "X-User-Email", "X.USER.EMAIL", "x-org"}) {
        SCOPED_TRACE(name);
        EXPECT_FALSE(may_be_trailer(name, "X-Account,X-User-Email,X-Org"));
    }
    for (const auto* name : {"X-Account,X-User-Email", "X-User", "Org", "X-Accounts"}) {
        SCOPED_TRACE(name);
        EXPECT_TRUE(may_be_trailer(name, "X-Account,X-User-Email,X-Org"));
    }
}

TEST(MayBeTrailer, NeedsNoIdentityHeader)
{
    EXPECT_TRUE(may_be_trailer("X-Account", ""));
}

} // namespace
} // namespace gatehouse::gateway
