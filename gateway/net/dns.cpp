#include "gateway/net/dns.hpp"

#include "config/forms/address.hpp"
#include "gateway/net/address.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace gatehouse::gateway {
namespace {

constexpr std::chrono::seconds longest_ttl{24 * 3600};

/// The state of one question, which is what glibc's functions with an `n` in their name want.
class Asker {
public:
    explicit Asker(const std::string& server)
    {
        open_ = ::res_ninit(&state_) == 0;
        state_.retrans = 2; // seconds: who waits for it serves by the old answer meanwhile
        state_.retry = 2;
        state_.options |= RES_USE_EDNS0; // room for more addresses than 512 bytes have
        if (!server.empty()) ask_only(server);
    }

    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;

    ~Asker()
    {
        if (open_) ::res_nclose(&state_);
    }

    Result<void, DnsFailure> ask(const std::string& name, ns_type type, DnsAnswer& answer)
    {
        if (!open_) return DnsFailure::no_answer;
        const int size = ::res_nsearch(&state_, name.c_str(), ns_c_in, type, message_.data(),
                                       static_cast<int>(message_.size()));
        if (size < 0) {
            const bool none = state_.res_h_errno == HOST_NOT_FOUND || state_.res_h_errno == NO_DATA;
            return none ? DnsFailure::unknown : DnsFailure::no_answer;
        }
        const auto length = std::min(static_cast<std::size_t>(size), message_.size());
        return add_answer(std::span(message_).first(length), answer);
    }

private:
    void ask_only(const std::string& server)
    {
        const auto place = config::parse_listen_address(server); // as it was judged
        const auto address = place ? SocketAddress::parse(place->host, place->port) : std::nullopt;
        open_ = open_ && address && address->family() == AF_INET;
        if (!open_) return;
        state_.nscount = 1;
        std::memcpy(&state_.nsaddr_list[0], address->get(), sizeof state_.nsaddr_list[0]);
    }

    struct __res_state state_{};
    bool open_ = false;
    std::array<std::uint8_t, NS_MAXMSG> message_{};
};

[[nodiscard]] std::optional<std::string> address_in(const ns_rr& record)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    int family = AF_UNSPEC;
    if (ns_rr_type(record) == ns_t_a && ns_rr_rdlen(record) == NS_INADDRSZ) family = AF_INET;
    if (ns_rr_type(record) == ns_t_aaaa && ns_rr_rdlen(record) == NS_IN6ADDRSZ) family = AF_INET6;
    if (family == AF_UNSPEC || ns_rr_class(record) != ns_c_in) return std::nullopt;
    if (::inet_ntop(family, ns_rr_rdata(record), text.data(), text.size()) == nullptr) {
        return std::nullopt;
    }
    return text.data();
}

/// IPv4 comes first: where both families are told of, it is the one that surely has a way.
void put_in_order(std::vector<std::string>& addresses)
{
    const auto is_v6 = [](const auto& text) { return text.find(':') != std::string::npos; };
    std::ranges::sort(addresses, [&](const auto& one, const auto& other) {
        return is_v6(one) != is_v6(other) ? is_v6(other) : one < other;
    });
    const auto repeated = std::ranges::unique(addresses);
    addresses.erase(repeated.begin(), repeated.end());
}

/// The same ones of each answer, in whatever order it has them: else endpoints came and went.
void leave_out_what_is_too_much(std::vector<std::string>& addresses)
{
    if (addresses.size() <= most_addresses) return;
    put_in_order(addresses);
    addresses.resize(std::min(addresses.size(), most_addresses));
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

} // namespace

Result<void, DnsFailure> add_answer(std::span<const std::uint8_t> message, DnsAnswer& answer)
{
    ns_msg parsed{};
    if (::ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) {
        return DnsFailure::no_answer;
    }
    for (int i = 0; i < ns_msg_count(parsed, ns_s_an); ++i) {
        ns_rr record{};
        if (::ns_parserr(&parsed, ns_s_an, i, &record) != 0) return DnsFailure::no_answer;
        answer.ttl = std::min(answer.ttl, std::chrono::seconds(ns_rr_ttl(record)));
        auto address = address_in(record);
        if (address) answer.addresses.push_back(*std::move(address));
    }
    leave_out_what_is_too_much(answer.addresses);
    return {};
}

Result<DnsAnswer, DnsFailure> ask_dns(const std::string& name, const std::string& server)
{
    const auto asker = std::make_unique<Asker>(server); // 64 KiB: not on the stack
    DnsAnswer answer;
    answer.ttl = longest_ttl;
    for (const auto type : {ns_t_a, ns_t_aaaa}) {
        const auto asked = asker->ask(name, type, answer);
        // Half an answer would take the other half for gone.
        if (!asked && asked.error() == DnsFailure::no_answer) return DnsFailure::no_answer;
    }
    if (answer.addresses.empty()) return DnsFailure::unknown;
    put_in_order(answer.addresses);
    return answer;
}

Result<DnsAnswer, DnsFailure> ask_system(const std::string& name)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto status = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
    if (status == EAI_NONAME) return DnsFailure::unknown;
    if (status != 0) return DnsFailure::no_answer;
    const std::unique_ptr<addrinfo, FreeAddresses> list{found};
    DnsAnswer answer;
    answer.ttl = longest_ttl;
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        const SocketAddress address(each->ai_addr, each->ai_addrlen);
        answer.addresses.emplace_back(AddressText(address).view());
    }
    put_in_order(answer.addresses);
    leave_out_what_is_too_much(answer.addresses);
    return answer;
}

} // namespace gatehouse::gateway
