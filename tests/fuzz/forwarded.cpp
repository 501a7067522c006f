// Forwarded: whatever stands in it, who is named is an address that stands there, and what a
// trusted proxy adds behind it is what is believed first.
#include "gateway/headers/client.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <string>

using namespace gatehouse;
using namespace gatehouse::gateway;

namespace {

config::Settings behind_proxies()
{
    config::Settings settings;
    settings.trusted_proxies = {"10.0.0.0/8"};
    settings.client_address = config::ClientAddress::forwarded;
    return settings;
}

bool stands_in(std::string_view part, std::string_view whole)
{
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void check_hops(std::string_view text)
{
    const auto line = ForwardedLine::read(text);
    if (!line) return;
    must(line->size() <= most_hops, "so many hops at most");
    for (std::size_t i = 0; i < line->size(); ++i) {
        const auto& hop = line->from_end(i);
        must(hop.address.empty() || is_address(hop.address), "an address");
        must(stands_in(hop.address, text), "that stands there");
    }
}

/// Two hops of proxies' behind what a client sent.
void check_way(const std::string& text, const ClientRules& rules)
{
    const std::string added = "for=203.0.113.5;proto=https, for=10.0.0.2";
    const Peer peer{"10.0.0.1", true, false};
    RequestHead apart;
    apart.fields = {
        {"Forwarded", text },
        {"Forwarded", added}
    };
    const auto way = believed_way(apart, peer, rules);
    must(way.client(peer) == "203.0.113.5", "lines of their own are what counts");
    must(way.is_secure(peer), "with their scheme");
    const auto joined = text + ", " + added;
    RequestHead together;
    together.fields = {
        {"Forwarded", joined}
    };
    const auto client = believed_way(together, peer, rules).client(peer);
    must(client == "203.0.113.5" || client == "10.0.0.1", "or nobody is named");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{reinterpret_cast<const char*>(data), size};
    static const auto settings = behind_proxies();
    static const ClientRules rules{settings};
    check_hops(text);
    check_way(text, rules);
    return 0;
}
