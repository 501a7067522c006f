// The header of the PROXY protocol: however it arrives in pieces, it is read once, the same way,
// and nothing of what comes behind it counts.
#include "gateway/net/proxy_protocol.hpp"

#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <string_view>

using namespace gatehouse::gateway;

namespace {

bool is_whole(std::string_view bytes)
{
    const auto read = read_proxy_header(bytes);
    return read && read->has_value();
}

bool is_refused(std::string_view bytes)
{
    return !read_proxy_header(bytes);
}

/// The least bytes of which something is said; nobody hears more of them than these.
std::size_t first_said(std::string_view bytes)
{
    std::size_t size = 0;
    while (size < bytes.size() && !is_whole(bytes.substr(0, size)) &&
           !is_refused(bytes.substr(0, size)))
        ++size;
    return size;
}

void check_header(const ProxyHeader& header, std::string_view bytes, std::size_t said)
{
    must(header.bytes == said, "a header is whole with its last byte");
    must(header.bytes <= longest_proxy_header, "no header is longer");
    if (bytes.starts_with("PROXY")) {
        must(bytes.substr(0, header.bytes).ends_with("\r\n"), "a line of text ends");
        must(header.bytes <= 107, "no line is longer");
    }
    if (header.source) must(!AddressText(*header.source).view().empty(), "an address");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes{reinterpret_cast<const char*>(data),
                                 std::min<std::size_t>(size, 600)};
    const auto said = first_said(bytes);
    const auto early = read_proxy_header(bytes.substr(0, said));
    const auto late = read_proxy_header(bytes);
    must(early.has_value() == late.has_value(), "what is said stays said");
    if (!early) {
        must(early.error() == late.error(), "and is the same");
        return 0;
    }
    must(early->has_value() == late->has_value(), "a header stays whole");
    if (!*early) return 0;
    check_header(**early, bytes, said);
    must((*early)->bytes == (*late)->bytes, "what comes behind does not count");
    must((*early)->source.has_value() == (*late)->source.has_value(), "nor for the source");
    return 0;
}
