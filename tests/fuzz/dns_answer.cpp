// Answers of DNS servers: whatever comes is read within its bytes, and what is taken from it are
// addresses, not more of them than there may be.
#include "gateway/net/address.hpp"
#include "gateway/net/dns.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>

using namespace gatehouse::gateway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t largest_message = 65535;
    if (size > largest_message) return 0;
    constexpr std::chrono::seconds longest{3600};
    DnsAnswer answer{{}, longest};
    const auto read = add_answer({data, size}, answer);
    must(answer.addresses.size() <= most_addresses, "there is a bound");
    must(answer.ttl <= longest && answer.ttl.count() >= 0, "a TTL only shortens");
    for (const auto& address : answer.addresses) {
        must(SocketAddress::parse(address, 80).has_value(), "it is an address");
    }
    DnsAnswer again{{}, longest};
    must(add_answer({data, size}, again).has_value() == read.has_value(), "always the same");
    must(again.addresses == answer.addresses, "always the same addresses");
    return 0;
}
