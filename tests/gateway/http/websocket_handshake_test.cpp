#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/http/websocket_handshake.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // both from RFC 6455, 1.3

const std::string upgrade = "Upgrade: websocket\r\n";
const std::string connection = "Connection: Upgrade\r\n";
const std::string key_line = "Sec-WebSocket-Key: " + std::string(key) + "\r\n";
const std::string version = "Sec-WebSocket-Version: 13\r\n";
const std::string rest = key_line + version;

/// Keeps the bytes that the head looks into.
struct Request {
    explicit Request(std::string text) : bytes(std::move(text))
    {
        RequestParser parser;
        parsed = parser.parse(bytes, head, {}).has_value();
    }

    std::string bytes;
    RequestHead head;
    bool parsed = false;
};

std::string get(const std::string& lines)
{
    return "GET /ws HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

TEST(WebSocketHandshake, IsExactlyOne)
{
    struct Case {
        const char* name;
        std::string bytes;
        bool expected;
    };

    const auto with_key = [](const std::string& text) {
        return get(upgrade + connection + "Sec-WebSocket-Key: " + text + "\r\n" + version);
    };
    const Case cases[] = {
        {"as browsers send it",           get(connection + upgrade + rest),                                        true },
        {"in other cases",                get("connection: keep-alive, UPGRADE\r\nupgrade: WebSocket\r\n" + rest),
         true                                                                                                           },
        {"options on two lines",          get("Connection: x\r\n" + connection + upgrade + rest),                  true },
        {"of HTTP/1.0",                   "GET / HTTP/1.0\r\nHost: a\r\n" + upgrade + connection + rest + "\r\n",
         false                                                                                                          },
        {"by POST",                       "POST / HTTP/1.1\r\nHost: a\r\n" + upgrade + connection + rest + "\r\n", false},
        {"by get",                        "get / HTTP/1.1\r\nHost: a\r\n" + upgrade + connection + rest + "\r\n",  false},
        {"with a body",                   get(upgrade + connection + rest + "Content-Length: 5\r\n"),              false},
        {"with an empty body",            get(upgrade + connection + rest + "Content-Length: 0\r\n"),              false},
        {"with chunks",                   get(upgrade + connection + rest + "Transfer-Encoding: chunked\r\n"),     false},
        {"without Upgrade",               get(connection + rest),                                                  false},
        {"two Upgrades",                  get(upgrade + upgrade + connection + rest),                              false},
        {"two Upgrades, one of them h2c", get(upgrade + "Upgrade: h2c\r\n" + connection + rest),
         false                                                                                                          },
        {"a list",                        get("Upgrade: websocket, h2c\r\n" + connection + rest),                  false},
        {"h2c",                           get("Upgrade: h2c\r\n" + connection + rest),                             false},
        {"with a version",                get("Upgrade: websocket/13\r\n" + connection + rest),                    false},
        {"no option",                     get(upgrade + "Connection: keep-alive\r\n" + rest),                      false},
        {"no Connection",                 get(upgrade + rest),                                                     false},
        {"no key",                        get(upgrade + connection + version),                                     false},
        {"two keys",                      get(upgrade + connection + key_line + rest),                             false},
        {"a short key",                   with_key("eA=="),                                                        false},
        {"a long key",                    with_key("dGhlIHNhbXBsZSBub25jZTEy"),                                    false},
        {"a key of 15 bytes",             with_key("dGhlIHNhbXBsZSBub25jZ==="),                                    false},
        {"a key that is no base64",       with_key("dGhlIHNhbXBsZSBub25j_Q=="),                                    false},
        {"a key with loose bits",         with_key("dGhlIHNhbXBsZSBub25jZR=="),                                    false},
        {"no version",                    get(upgrade + connection + key_line),                                    false},
        {"version 8",                     get(upgrade + connection + key_line + "Sec-WebSocket-Version: 8\r\n"),   false},
        {"two versions",                  get(upgrade + connection + rest + version),                              false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Request request(c.bytes);
        ASSERT_TRUE(request.parsed);
        EXPECT_EQ(request.head.websocket, c.expected);
    }
}

TEST(WebSocketHandshake, KnowsTheAnswerToAKey)
{
    EXPECT_EQ(websocket_accept(key), accept);
}

TEST(WebSocketHandshake, KnowsItsAnswer)
{
    const auto accepted = "Sec-WebSocket-Accept: " + std::string(accept) + "\r\n";
    const auto good = upgrade + connection + accepted;

    struct Case {
        const char* name;
        std::string asked; // besides the handshake
        std::string lines; // of the 101
        bool expected;
    };

    const std::string two = "Sec-WebSocket-Protocol: chat, super\r\n";
    const std::string deflate =
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    const Case cases[] = {
        {"good",                                "",                                      good,                                         true },
        {"no accept",                           "",                                      upgrade + connection,                         false},
        {"the accept of another key",           "",
         upgrade + connection + "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=\r\n",                                              false},
        {"accept twice",                        "",                                      good + accepted,                              false},
        {"accept in another case",              "",
         upgrade + connection + "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",                                              false},
        {"no Upgrade",                          "",                                      connection + accepted,                        false},
        {"to something else",                   "",                                      "Upgrade: h2c\r\n" + connection + accepted,   false},
        {"to two things",                       "",                                      upgrade + good,                               false},
        {"no Connection",                       "",                                      upgrade + accepted,                           false},
        {"Connection: close",                   "",                                      upgrade + accepted + "Connection: close\r\n", false},
        {"a body",                              "",                                      good + "Content-Length: 5\r\n",               false},
        {"chunks",                              "",                                      good + "Transfer-Encoding: chunked\r\n",      false},
        {"a protocol",                          two,                                     good + "Sec-WebSocket-Protocol: super\r\n",   true },
        {"no protocol",                         two,                                     good,                                         true },
        {"two protocols",                       two,                                     good + two,                                   false},
        {"two lines of them",                   two,
         good + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: super\r\n",                                                   false},
        {"a protocol in another case",          two,                                     good + "Sec-WebSocket-Protocol: Chat\r\n",    false},
        {"a protocol nobody offered",           two,                                     good + "Sec-WebSocket-Protocol: x\r\n",       false},
        {"a protocol, none offered",            "",                                      good + "Sec-WebSocket-Protocol: chat\r\n",    false},
        {"bearer, which it was not offered",    "Sec-WebSocket-Protocol: bearer, t\r\n",
         good + "Sec-WebSocket-Protocol: bearer\r\n",                                                                                  false},
        {"the token, which it was not offered", "Sec-WebSocket-Protocol: bearer, t\r\n",
         good + "Sec-WebSocket-Protocol: t\r\n",                                                                                       false},
        {"an extension",                        deflate,
         good + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n",
         true                                                                                                                               },
        {"an extension nobody offered",         deflate,                                 good + "Sec-WebSocket-Extensions: x\r\n",     false},
        {"an extension, none offered",          "",                                      good + deflate,                               false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Request asked(get(upgrade + connection + rest + c.asked));
        ASSERT_TRUE(asked.head.websocket);
        const auto bytes = "HTTP/1.1 101 Switching Protocols\r\n" + c.lines + "\r\n";
        ResponseHead answer;
        ResponseParser parser;
        const auto parsed =
            parser.parse(bytes, answer, "GET", {}, ResponseParser::Switching::asked_for);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(answers_websocket_handshake(answer, asked.head), c.expected);
    }
}

TEST(WebSocketHandshake, TellsTheClientOfAProtocolItOffered)
{
    struct Case {
        const char* name;
        std::string asked;
        std::string answered;
        std::string offered; // to the upstream
        std::string told;
    };

    const Case cases[] = {
        {"none",                            "",                                          "",     "",      ""      },
        {"one",                             "chat",                                      "chat", "chat ", "chat"  },
        {"none of those",                   "chat",                                      "",     "chat ", ""      },
        {"the token",                       "bearer, t",                                 "",     "",      "bearer"},
        {"the token, and one",              "bearer, t, chat",                           "chat", "chat ", "chat"  },
        {"the token, and one nobody chose", "bearer, t, chat",                           "",     "chat ", "bearer"},
        {"a token that is called so",       "bearer, bearer, chat",                      "",     "chat ", "bearer"},
        {"two tokens",                      "bearer, t, bearer, u, chat",                "",     "chat ", "bearer"},
        {"a token behind",                  "chat, bearer, t",                           "",     "chat ", "bearer"},
        {"over two lines",                  "bearer\r\nSec-WebSocket-Protocol: t, chat", "",     "chat ", "bearer"},
        {"empty members",                   "bearer,, t,, chat",                         "",     "chat ", "bearer"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto line = c.asked.empty() ? "" : "Sec-WebSocket-Protocol: " + c.asked + "\r\n";
        const Request asked(get(upgrade + connection + rest + line));
        std::string offered;
        for_each_offered_protocol(asked.head.fields,
                                  [&](std::string_view name) { offered.append(name).append(" "); });
        EXPECT_EQ(offered, c.offered);
        ResponseHead answer;
        if (!c.answered.empty())
            answer.fields = {
                {"Sec-WebSocket-Protocol", c.answered}
            };
        EXPECT_EQ(chosen_protocol(answer, asked.head), c.told);
    }
}

} // namespace
} // namespace gatehouse::gateway
