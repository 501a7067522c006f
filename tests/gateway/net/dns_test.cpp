#include "gateway/net/dns.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

void put16(Bytes& bytes, unsigned number)
{
    bytes.push_back(static_cast<std::uint8_t>(number >> 8));
    bytes.push_back(static_cast<std::uint8_t>(number));
}

/// A message with the question for `a.b` and so many answers, which follow.
Bytes message_with(unsigned answers)
{
    Bytes bytes;
    for (const unsigned number : {7U, 0x8180U, 1U, answers, 0U, 0U}) put16(bytes, number);
    for (const char byte : std::string_view("\1a\1b\0\0\1\0\1", 9)) {
        bytes.push_back(static_cast<std::uint8_t>(byte));
    }
    return bytes;
}

/// One record of that name.
void add_record(Bytes& bytes, unsigned type, unsigned ttl, const Bytes& data)
{
    put16(bytes, 0xc00c);
    put16(bytes, type);
    put16(bytes, 1);
    put16(bytes, 0);
    put16(bytes, ttl);
    put16(bytes, static_cast<unsigned>(data.size()));
    bytes.insert(bytes.end(), data.begin(), data.end());
}

constexpr unsigned a = 1;
constexpr unsigned cname = 5;
constexpr unsigned text = 16;
constexpr unsigned aaaa = 28;

DnsAnswer empty()
{
    return {{}, 1h};
}

TEST(DnsAnswer, TakesAddressesAndTheLowestTtl)
{
    auto bytes = message_with(5);
    add_record(bytes, cname, 5, {0xc0, 0x0c});
    add_record(bytes, a, 30, {10, 0, 0, 2});
    add_record(bytes, a, 20, {10, 0, 0, 1});
    add_record(bytes, aaaa, 60, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    add_record(bytes, text, 60, {1, 'x'});
    auto answer = empty();
    ASSERT_TRUE(add_answer(bytes, answer));
    EXPECT_EQ(answer.addresses, (std::vector<std::string>{"10.0.0.2", "10.0.0.1", "fd00::1"}));
    EXPECT_EQ(answer.ttl, 5s);
}

TEST(DnsAnswer, RefusesWhatIsCutOffOrNoAddress)
{
    auto whole = message_with(1);
    add_record(whole, a, 30, {10, 0, 0, 2});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        auto answer = empty();
        EXPECT_FALSE(add_answer(std::span(whole).first(size), answer)) << size;
        EXPECT_TRUE(answer.addresses.empty());
    }
    auto odd = message_with(2);
    add_record(odd, a, 30, {10, 0, 0});
    add_record(odd, aaaa, 30, {10, 0, 0, 1});
    auto answer = empty();
    EXPECT_TRUE(add_answer(odd, answer));
    EXPECT_TRUE(answer.addresses.empty());
}

TEST(DnsAnswer, KeepsNoMoreThanItMay)
{
    constexpr unsigned many = 300;
    auto bytes = message_with(many);
    for (unsigned i = 0; i < many; ++i) {
        add_record(bytes, a, 30,
                   {10, 0, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i)});
    }
    auto answer = empty();
    EXPECT_TRUE(add_answer(bytes, answer));
    EXPECT_EQ(answer.addresses.size(), most_addresses);
}

TEST(DnsAnswer, KeepsTheSameOnesInWhateverOrderTheyCome)
{
    constexpr unsigned many = 300;
    std::vector<DnsAnswer> answers;
    for (const unsigned first : {0U, 100U, 299U}) {
        auto bytes = message_with(many);
        for (unsigned i = first; i < first + many; ++i) {
            const auto number = i % many;
            add_record(bytes, a, 30,
                       {10, 0, static_cast<std::uint8_t>(number / 256),
                        static_cast<std::uint8_t>(number)});
        }
        answers.push_back(empty());
        ASSERT_TRUE(add_answer(bytes, answers.back()));
        EXPECT_EQ(answers.back().addresses, answers.front().addresses) << first;
    }
}

TEST(DnsAnswer, ComesFromTheSystemForWhatNoServerKnows)
{
    const auto answer = ask_system("localhost");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->addresses.front(), "127.0.0.1");
    const auto unknown = ask_system("no-such-host.invalid");
    EXPECT_FALSE(unknown);
}

} // namespace
} // namespace gatehouse::gateway
