#include "gateway/net/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::string_literals;

/// What was read, in words: "65 192.0.2.1:80", "20 -", "more" or the refusal.
std::string read(std::string_view arrived)
{
    const auto header = read_proxy_header(arrived);
    if (!header) return std::string(to_string(header.error()));
    const auto& whole = *header;
    if (!whole) return "more";
    const auto source = whole->source ? to_string(*whole->source) : "-";
    return std::to_string(whole->bytes) + " " + source;
}

const auto signature = "\r\n\r\n\0\r\nQUIT\n"s;

/// Version 2 with this command, family and what follows the length.
std::string binary(char command, char family, const std::string& rest)
{
    const auto length = rest.size();
    return signature + command + family + static_cast<char>(length >> 8) +
           static_cast<char>(length & 0xff) + rest;
}

const auto v4 = "\xcb\x00\x71\x05\x0a\x00\x00\x01\x9c\x40\x00\x50"s; // 203.0.113.5:40000
const auto v6 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x05"s +      // 2001:db8::5
                "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s + "\x9c\x40\x01\xbb"s;
const auto mapped = "\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\x00\x71\x05"s + // 203.0.113.5
                    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s + "\x9c\x40\x01\xbb"s;
const auto unix_addresses = std::string(216, 'u');

TEST(ReadProxyHeader, TakesALineOfText)
{
    struct Case {
        const char* name;
        std::string line;
        std::string expected;
    };

    const Case cases[] = {
        {"IPv4", "PROXY TCP4 203.0.113.5 10.0.0.1 40000 80\r\n", "42 203.0.113.5:40000"},
        {"IPv6", "PROXY TCP6 2001:db8::5 ::1 40000 443\r\n", "38 [2001:db8::5]:40000"},
        {"the highest port", "PROXY TCP4 203.0.113.5 10.0.0.1 65535 0\r\n", "41 203.0.113.5:65535"},
        {"IPv4 in IPv6", "PROXY TCP6 ::ffff:203.0.113.5 ::1 1 2\r\n", "39 203.0.113.5:1"},
        {"unknown", "PROXY UNKNOWN\r\n", "15 -"},
        {"unknown, and more", "PROXY UNKNOWN ff:: ::1 what ever\r\n", "34 -"},
        {"the longest", "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "107 -"},
        {"too long", "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", "too_long"},
        {"no end", "PROXY UNKNOWN " + std::string(500, 'x'), "too_long"},
        {"a family of version 2", "PROXY UDP4 203.0.113.5 10.0.0.1 1 2\r\n", "malformed"},
        {"small letters", "PROXY tcp4 203.0.113.5 10.0.0.1 1 2\r\n", "malformed"},
        {"unknown with a tail", "PROXY UNKNOWNS\r\n", "malformed"},
        {"two spaces", "PROXY  TCP4 203.0.113.5 10.0.0.1 1 2\r\n", "malformed"},
        {"two spaces later", "PROXY TCP4 203.0.113.5  10.0.0.1 1 2\r\n", "malformed"},
        {"a tab", "PROXY TCP4\t203.0.113.5 10.0.0.1 1 2\r\n", "malformed"},
        {"a space at the end", "PROXY TCP4 203.0.113.5 10.0.0.1 1 2 \r\n", "malformed"},
        {"one word too many", "PROXY TCP4 203.0.113.5 10.0.0.1 1 2 3\r\n", "malformed"},
        {"one port", "PROXY TCP4 203.0.113.5 10.0.0.1 1\r\n", "malformed"},
        {"nothing", "PROXY \r\n", "malformed"},
        {"no source", "PROXY TCP4\r\n", "malformed"},
        {"the other family", "PROXY TCP4 2001:db8::5 ::1 1 2\r\n", "malformed"},
        {"the other family again", "PROXY TCP6 203.0.113.5 10.0.0.1 1 2\r\n", "malformed"},
        {"three numbers", "PROXY TCP4 203.0.113 10.0.0.1 1 2\r\n", "malformed"},
        {"an octal number", "PROXY TCP4 203.0.113.05 10.0.0.1 1 2\r\n", "malformed"},
        {"a network", "PROXY TCP4 203.0.113.5/8 10.0.0.1 1 2\r\n", "malformed"},
        {"a zone", "PROXY TCP6 fe80::1%lo ::1 1 2\r\n", "malformed"},
        {"a name", "PROXY TCP4 localhost 10.0.0.1 1 2\r\n", "malformed"},
        {"a port beyond the last", "PROXY TCP4 203.0.113.5 10.0.0.1 65536 2\r\n", "malformed"},
        {"a port with a sign", "PROXY TCP4 203.0.113.5 10.0.0.1 +1 2\r\n", "malformed"},
        {"a port with a zero", "PROXY TCP4 203.0.113.5 10.0.0.1 01 2\r\n", "malformed"},
        {"a zero byte", "PROXY TCP4 203.0.113.5\0 10.0.0.1 1 2\r\n"s, "malformed"},
        {"a line feed alone", "PROXY TCP4 203.0.113.5 10.0.0.1 1 2\n", "malformed"},
        {"a carriage return alone", "PROXY TCP4 203.0.113.5 10.0.0.1 1 2\rGET", "malformed"},
        {"no space behind the word", "PROXYTCP4 203.0.113.5 10.0.0.1 1 2\r\n", "missing"},
        {"a space before", " PROXY UNKNOWN\r\n", "missing"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(read(c.line), c.expected);
        EXPECT_EQ(read(c.line + "GET / HTTP/1.1\r\n"), c.expected);
    }
}

TEST(ReadProxyHeader, TakesABinaryOne)
{
    struct Case {
        const char* name;
        std::string header;
        std::string expected;
    };

    const Case cases[] = {
        {"IPv4", binary(0x21, 0x11, v4), "28 203.0.113.5:40000"},
        {"IPv4 over datagrams", binary(0x21, 0x12, v4), "28 203.0.113.5:40000"},
        {"IPv6", binary(0x21, 0x21, v6), "52 [2001:db8::5]:40000"},
        {"IPv4 in IPv6", binary(0x21, 0x21, mapped), "52 203.0.113.5:40000"},
        {"a unix socket", binary(0x21, 0x31, unix_addresses), "232 -"},
        {"no family", binary(0x21, 0x00, ""), "16 -"},
        {"no family, and more", binary(0x21, 0x00, "\x04\x00\x01x"s), "20 -"},
        {"for itself", binary(0x20, 0x00, ""), "16 -"},
        {"for itself, with addresses", binary(0x20, 0x11, v4), "28 -"},
        {"for itself, of any family", binary(0x20, 0x7f, "anything"), "24 -"},
        {"more behind it", binary(0x21, 0x11, v4 + "\x04\x00\x02xx"s), "33 203.0.113.5:40000"},
        {"two of them", binary(0x21, 0x11, v4 + "\x04\0\0\x01\0\1h"s), "35 203.0.113.5:40000"},
        {"more than there is", binary(0x21, 0x11, v4 + "\x04\x00\x03xx"s), "malformed"},
        {"less than a front", binary(0x21, 0x11, v4 + "\x04\x00"s), "malformed"},
        {"addresses cut off", binary(0x21, 0x11, v4.substr(1)), "malformed"},
        {"IPv6 cut off", binary(0x21, 0x21, v6.substr(1)), "malformed"},
        {"IPv4 as IPv6", binary(0x21, 0x21, v4), "malformed"},
        {"a unix socket cut off", binary(0x21, 0x31, unix_addresses.substr(1)), "malformed"},
        {"version 1", binary(0x11, 0x11, v4), "malformed"},
        {"version 3", binary(0x31, 0x11, v4), "malformed"},
        {"another command", binary(0x22, 0x11, v4), "malformed"},
        {"another family", binary(0x21, 0x41, unix_addresses), "malformed"},
        {"a family without a transport", binary(0x21, 0x10, v4), "malformed"},
        {"a transport without a family", binary(0x21, 0x01, v4), "malformed"},
        {"another transport", binary(0x21, 0x13, v4), "malformed"},
        {"the longest", binary(0x20, 0x00, std::string(4080, 'x')), "4096 -"},
        {"longer", binary(0x20, 0x00, std::string(4081, 'x')), "too_long"},
        {"the longest that it can say", binary(0x20, 0x00, std::string(65535, 'x')), "too_long"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(read(c.header), c.expected);
        EXPECT_EQ(read(c.header + "GET / HTTP/1.1\r\n"), c.expected);
    }
}

TEST(ReadProxyHeader, HoldsAHeaderAgainstItsChecksum)
{
    const auto with = [](const std::string& value) {
        return binary(0x21, 0x11, v4 + "\x03\x00"s + static_cast<char>(value.size()) + value);
    };
    // Computed bit by bit, by a program whose result for "123456789" is 0xE3069283.
    const auto right = "\x3b\x7e\x7e\x44"s;
    EXPECT_EQ(read(with(right)), "35 203.0.113.5:40000");
    EXPECT_EQ(read(with("\0\0\0\0"s)), "checksum");
    EXPECT_EQ(read(with(std::string(right).substr(1))), "malformed") << "three bytes";
    EXPECT_EQ(read(with(right + "\x03\x00\x04"s + right)), "malformed") << "its length covers two";
    auto other = with(right);
    other[17] = '\x01';
    EXPECT_EQ(read(other), "checksum") << "another address";
    const auto twice = v4 + "\x03\0\x04"s + right + "\x03\0\x04"s + right;
    EXPECT_EQ(read(binary(0x21, 0x11, twice)), "checksum");
}

TEST(ReadProxyHeader, WaitsForTheRestAndNoLongerThanItMust)
{
    const std::string headers[] = {"PROXY TCP4 203.0.113.5 10.0.0.1 40000 80\r\n",
                                   "PROXY UNKNOWN\r\n", binary(0x21, 0x11, v4),
                                   binary(0x20, 0x00, ""), binary(0x21, 0x31, unix_addresses)};
    for (const auto& header : headers) {
        for (std::size_t size = 0; size < header.size(); ++size) {
            EXPECT_EQ(read(header.substr(0, size)), "more") << size << " bytes of " << header;
        }
    }
    EXPECT_EQ(read("G"), "missing");
    EXPECT_EQ(read("PROG"), "missing");
    EXPECT_EQ(read("\r\n\r\nG"), "missing");
    EXPECT_EQ(read("\x16\x03\x01"), "missing") << "TLS";
    EXPECT_EQ(read(signature + "\x2f"), "malformed") << "at the command";
    EXPECT_EQ(read("PROXY \x01"), "malformed") << "at the first byte that is no text";
}

} // namespace
} // namespace gatehouse::gateway
