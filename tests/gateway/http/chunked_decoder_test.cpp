#include "gateway/http/chunk_framing.hpp"
#include "gateway/http/chunked_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::string_literals;

/// What became of a body: "hello [X-Sum=1] rest=GET", an error's words, or "truncated: hel".
struct Reading {
    ChunkedDecoder decoder;
    std::string data;
    std::string error;
    std::size_t consumed = 0;

    void feed(std::string_view bytes)
    {
        const std::vector<char> exact(bytes.begin(), bytes.end());
        std::string_view rest(exact.data(), exact.size());
        while (!rest.empty() && error.empty() && !decoder.done()) {
            const auto step = decoder.step(rest);
            if (!step) {
                error = to_string(step.error());
                return;
            }
            data.append(step->data);
            consumed += step->consumed;
            rest.remove_prefix(step->consumed);
        }
    }

    [[nodiscard]] std::string told(std::string_view bytes) const
    {
        if (!error.empty()) return error;
        if (!decoder.done()) return "truncated: " + data;
        std::string text = data;
        for (const auto& field : decoder.trailers()) {
            text.append(" [").append(field.name).append("=").append(field.value).append("]");
        }
        return text.append(" rest=").append(bytes.substr(consumed));
    }
};

/// Reads `bytes` in pieces of `size`, the first of `first` bytes.
std::string read_in_pieces(std::string_view bytes, std::size_t first, std::size_t size)
{
    Reading reading;
    reading.decoder.reset("x-account");
    std::size_t at = std::min(first, bytes.size());
    reading.feed(bytes.substr(0, at));
    while (at < bytes.size()) {
        reading.feed(bytes.substr(at, size));
        at += std::min(size, bytes.size() - at);
    }
    return reading.told(bytes);
}

std::string read_body(std::string_view bytes)
{
    return read_in_pieces(bytes, bytes.size(), 1);
}

struct Row {
    const char* name;
    std::string bytes;
    std::string expected;
};

/// Same result for every split.
void expect_rows(std::span<const Row> rows)
{
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(read_body(row.bytes), row.expected);
        EXPECT_EQ(read_in_pieces(row.bytes, 0, 1), row.expected) << "byte by byte";
        const auto step = row.bytes.size() / 600 + 1;
        for (std::size_t cut = 0; cut < row.bytes.size(); cut += step) {
            EXPECT_EQ(read_in_pieces(row.bytes, cut, row.bytes.size()), row.expected)
                << "cut at " << cut;
        }
    }
}

TEST(ChunkedDecoder, TakesBodiesApart)
{
    const Row rows[] = {
        {"no data",                      "0\r\n\r\n",                                        " rest="           },
        {"one chunk",                    "5\r\nhello\r\n0\r\n\r\n",                          "hello rest="      },
        {"several chunks",               "5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n",  "hello world rest="},
        {"what follows is left alone",   "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
         "a rest=GET / HTTP/1.1\r\n"                                                                            },
        {"hexadecimal, both cases",      "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
         "01234567890123456789a rest="                                                                          },
        {"leading zeros",                "0000000000000005\r\nhello\r\n00\r\n\r\n",          "hello rest="      },
        {"data that looks like framing", "9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
         "\r\n0\r\n\r\n\r\n rest="                                                                              },
        {"data of any bytes",            "3\r\n\0\xff\n\r\n0\r\n\r\n"s,                      "\0\xff\n rest="s  },
    };
    expect_rows(rows);
}

TEST(ChunkedDecoder, ChecksAndDropsExtensions)
{
    // R4
    const Row rows[] = {
        {"a name",                       "1;a\r\nx\r\n0\r\n\r\n",                 "x rest="            },
        {"a value",                      "1;a=b\r\nx\r\n0;c=d\r\n\r\n",           "x rest="            },
        {"blanks",                       "1 ; a\t=\tb ;c\r\nx\r\n0\r\n\r\n",      "x rest="            },
        {"a quoted value",               "1;a=\"b;\\\" \xff\"\r\nx\r\n0\r\n\r\n", "x rest="            },
        {"no name",                      "1;\r\nx\r\n0\r\n\r\n",                  "bad chunk extension"},
        {"no value",                     "1;a=\r\nx\r\n0\r\n\r\n",                "bad chunk extension"},
        {"blank at the end",             "1 \r\nx\r\n0\r\n\r\n",                  "bad chunk extension"},
        {"blank behind a name",          "1;a \r\nx\r\n0\r\n\r\n",                "bad chunk extension"},
        {"no semicolon",                 "1 a\r\nx\r\n0\r\n\r\n",                 "bad chunk extension"},
        {"an open quote",                "1;a=\"b\r\nx\r\n0\r\n\r\n",             "bad chunk extension"},
        {"a backslash at the end",       "1;a=\"b\\\r\nx\r\n0\r\n\r\n",           "bad chunk extension"},
        {"a control in quotes",          "1;a=\"\x01\"\r\nx\r\n0\r\n\r\n",        "bad chunk extension"},
        {"a quoted control",             "1;a=\"\\\x01\"\r\nx\r\n0\r\n\r\n",      "bad chunk extension"},
        {"NUL",                          "1;\0\r\nx\r\n0\r\n\r\n"s,               "bad chunk extension"},
        {"bytes from 0x80 on in a name", "1;\xc3\xa9\r\nx\r\n0\r\n\r\n",          "bad chunk extension"},
        {"bare LF in an extension",      "1;a\nx\r\n0\r\n\r\n",                   "bare LF"            }, // CVE-2025-55315
        {"bare LF in a quoted value",    "1;a=\"\nx\"\r\n0\r\n\r\n",              "bare LF"            },
        {"bare CR in an extension",      "1;a\rb\r\nx\r\n0\r\n\r\n",              "bad chunk extension"},
        {"of the last chunk",            "0;\r\n\r\n",                            "bad chunk extension"},
    };
    expect_rows(rows);
}

TEST(ChunkedDecoder, RefusesSizesAndLineEndsThatAreNone)
{
    // R4
    const Row rows[] = {
        {"empty size",                     "\r\nhello\r\n0\r\n\r\n",                  "bad chunk"          },
        {"no hexadecimal",                 "g\r\n",                                   "bad chunk"          },
        {"0x",                             "0x5\r\nhello\r\n0\r\n\r\n",               "bad chunk extension"},
        {"sign",                           "+5\r\nhello\r\n0\r\n\r\n",                "bad chunk"          },
        {"negative",                       "-1\r\nhello\r\n0\r\n\r\n",                "bad chunk"          },
        {"blank in front",                 " 5\r\nhello\r\n0\r\n\r\n",                "bad chunk"          },
        {"blank inside",                   "5 5\r\nhello\r\n0\r\n\r\n",               "bad chunk extension"},
        {"underscore",                     "5_0\r\nhello\r\n0\r\n\r\n",               "bad chunk extension"},
        {"2^64 + 5",                       "10000000000000005\r\nhello\r\n0\r\n\r\n", "bad chunk"          },
        {"seventeen digits, though zeros", "00000000000000005\r\nhello\r\n0\r\n\r\n", "bad chunk"          },
        {"bare LF behind the size",        "5\nhello\r\n0\r\n\r\n",                   "bare LF"            }, // CVE-2025-22871
        {"bare CR behind the size",        "5\rhello\r\n0\r\n\r\n",                   "bad chunk extension"},
        {"CR CR LF",                       "5\r\r\nhello\r\n0\r\n\r\n",               "bad chunk extension"},
        {"bare LF behind the data",        "5\r\nhello\n0\r\n\r\n",                   "bad chunk"          },
        {"bare CR behind the data",        "5\r\nhello\r0\r\n\r\n",                   "bad chunk"          },
        {"data longer than its size",      "5\r\nhello!\r\n0\r\n\r\n",                "bad chunk"          },
        {"data shorter than its size",     "5\r\nhell\r\n0\r\n\r\n",                  "bad chunk"          },
        {"bare LF behind the last chunk",  "0\n\r\n",                                 "bare LF"            },
        {"bare LF as the end",             "0\r\n\n",                                 "bare LF"            },
    };
    expect_rows(rows);
}

TEST(ChunkedDecoder, NeverTakesATruncatedBodyForACompleteOne)
{
    // R14, R16
    const std::string whole = "5\r\nhello\r\n0\r\nX: y\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        SCOPED_TRACE(size);
        EXPECT_TRUE(read_body(whole.substr(0, size)).starts_with("truncated: "));
    }
    EXPECT_EQ(read_body("ffffffffffffffff\r\nhello"), "truncated: hello");
}

TEST(ChunkedDecoder, PassesHarmlessTrailersOnAndDropsTheOthers)
{
    // R5; the names themselves are tested with may_be_trailer().
    const Row rows[] = {
        {"kept in order",                                    "0\r\nX-Sum: 1\r\nServer-Timing:\t a \r\nX-Sum: 2\r\nE:\r\n\r\n",
         " [X-Sum=1] [Server-Timing=a] [X-Sum=2] [E=] rest="                                                                                       },
        {"dropped between kept ones",
         "0\r\nA: 1\r\nX_User.Id: admin\r\nContent-Length: 5\r\nX-Account: 7\r\nB: 2\r\n\r\n",                                 " [A=1] [B=2] rest="},
        {"opaque bytes",                                     "0\r\nA: \xff\r\n\r\n",                                           " [A=\xff] rest="   },
        {"no colon",                                         "0\r\nA\r\n\r\n",                                                 "bad trailer"       },
        {"blank before the colon",                           "0\r\nA : 1\r\n\r\n",                                             "bad trailer"       },
        {"empty name",                                       "0\r\n: 1\r\n\r\n",                                               "bad trailer"       },
        {"a folded line",                                    "0\r\nA: 1\r\n 2\r\n\r\n",                                        "bad trailer"       },
        {"a fold that looks like a trailer",                 "0\r\nA: 1\r\n\tB: 2\r\n\r\n",                                    "bad trailer"       },
        {"NUL",                                              "0\r\nA: \0\r\n\r\n"s,                                            "bad trailer"       },
        {"bare CR",                                          "0\r\nA: 1\rB: 2\r\n\r\n",                                        "bad trailer"       },
        {"a bad one is an error though its name is dropped", "0\r\nHost: \x01\r\n\r\n",
         "bad trailer"                                                                                                                             },
        {"bare LF",                                          "0\r\nA: 1\n\r\n",                                                "bare LF"           },
        {"a request instead of trailers",                    "0\r\nGET / HTTP/1.1\r\n\r\n",                                    "bad trailer"       },
    };
    expect_rows(rows);
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers)
{
    // R4, R17
    const auto chunk = [](std::size_t extension_bytes) {
        return "1;" + std::string(extension_bytes - 1, 'a') + "\r\nx\r\n";
    };
    std::string many;
    std::string data;
    for (int i = 0; i < 64; ++i) {
        many += chunk(256);
        data += 'x';
    }
    const std::string sixteen_kib_of_extensions = many;
    const std::string end = "0\r\n\r\n";
    const auto trailers = [](std::size_t bytes) {
        std::string text = "0\r\n";
        for (; bytes > 2000; bytes -= 1024) text += "A:" + std::string(1022, 'x') + "\r\n";
        return text + "B:" + std::string(bytes - 2, 'x') + "\r\n\r\n";
    };
    const std::string all_kept = read_body(trailers(8192));

    const Row rows[] = {
        {"the longest extension", chunk(256) + end, "x rest="},
        {"a longer line", "1;" + std::string(272, 'a') + "\r\nx\r\n" + end, "bad chunk extension"},
        {"a line without an end", "1;" + std::string(300, 'a'), "bad chunk extension"},
        {"the most extensions", sixteen_kib_of_extensions + end, data + " rest="},
        {"one more", sixteen_kib_of_extensions + chunk(2) + end, "bad chunk extension"},
        {"the most trailers", trailers(8192), all_kept},
        {"a byte more", trailers(8193), "trailers too large"},
        {"a trailer without an end", "0\r\nA: " + std::string(9000, 'x'), "trailers too large"},
    };
    EXPECT_TRUE(all_kept.starts_with(" [A=xxx"));
    expect_rows(rows);
}

TEST(ChunkedDecoder, GivesDataAsPartsOfTheInput)
{
    const std::string bytes = "5\r\nhello\r\n3\r\nabc";
    ChunkedDecoder decoder;
    const auto first = decoder.step(bytes);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->data.data(), bytes.data() + 3);
    EXPECT_EQ(first->consumed, 8U);
    const auto second = decoder.step(std::string_view(bytes).substr(8));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->data.data(), bytes.data() + 13);
    EXPECT_EQ(second->data, "abc");
}

TEST(ChunkedDecoder, BeginsAfreshAfterReset)
{
    Reading reading;
    reading.feed("5;a=b\r\nhello\r\n0\r\nX: y");
    reading.decoder.reset();
    reading.data.clear();
    reading.consumed = 0;
    const std::string body = "1\r\na\r\n0\r\nZ: 1\r\n\r\n";
    reading.feed(body);
    EXPECT_EQ(reading.told(body), "a [Z=1] rest=");
}

TEST(ChunkFraming, WritesWhatTheDecoderReads)
{
    EXPECT_EQ(ChunkHead(0).text(), "0\r\n");
    EXPECT_EQ(ChunkHead(255).text(), "ff\r\n");
    EXPECT_EQ(ChunkHead(4096).text(), "1000\r\n");
    EXPECT_EQ(ChunkHead(~std::uint64_t{0}).text(), "ffffffffffffffff\r\n");

    std::string body;
    const Field trailers[] = {
        {"X-Sum", "1"},
        {"Y",     "" }
    };
    body.append(ChunkHead(5).text()).append("hello").append(chunk_end);
    append_last_chunk(body, trailers);
    EXPECT_EQ(read_body(body), "hello [X-Sum=1] [Y=] rest=");

    std::string empty;
    append_last_chunk(empty, {});
    EXPECT_EQ(empty, last_chunk);
}

} // namespace
} // namespace gatehouse::gateway
