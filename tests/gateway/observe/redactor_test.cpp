#include "gateway/observe/redactor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using config::Redaction;
using config::TextRedaction;

template <class Append>
std::string appended(Append append)
{
    std::string out;
    append(out);
    return out;
}

std::string client(Redaction how, std::string_view address)
{
    config::LogSettings settings;
    settings.redact.client = how;
    return appended([&](auto& out) { Redactor(settings).append_client(out, address); });
}

TEST(Redactor, TellsOfAddressesWhatTheSettingsSay)
{
    EXPECT_EQ(client(Redaction::keep, "192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(client(Redaction::mask, "192.0.2.7"), "192.0.2.0");
    EXPECT_EQ(client(Redaction::mask, "2001:db8:1:2::3"), "2001:db8:1::");
    EXPECT_EQ(client(Redaction::mask, "fe80::1%eth0"), "fe80::");
    EXPECT_EQ(client(Redaction::mask, "somebody"), "***");
    EXPECT_EQ(client(Redaction::drop, "192.0.2.7"), "");
    for (const auto how : {Redaction::keep, Redaction::mask, Redaction::hash, Redaction::drop})
        EXPECT_EQ(client(how, ""), "");
}

TEST(Redactor, HashesTheSameToTheSame)
{
    const auto first = client(Redaction::hash, "192.0.2.7");
    EXPECT_EQ(first, client(Redaction::hash, "192.0.2.7"));
    EXPECT_NE(first, client(Redaction::hash, "192.0.2.8"));
    EXPECT_THAT(first, testing::MatchesRegex("[0-9a-f]+"));
    EXPECT_EQ(first.size(), 16U);
}

TEST(Redactor, TellsOfPeopleAndTextsWhatTheSettingsSay)
{
    config::LogSettings settings;
    EXPECT_TRUE(Redactor(settings).keeps_people());
    settings.redact.user_id = Redaction::mask;
    settings.redact.host = Redaction::drop;
    settings.redact.path = TextRedaction::hash;
    settings.redact.query = TextRedaction::drop;
    const Redactor redactor(settings);
    EXPECT_FALSE(redactor.keeps_people());
    EXPECT_EQ(appended([&](auto& out) { redactor.append_user_id(out, "ann"); }), "***");
    EXPECT_EQ(appended([&](auto& out) { redactor.append_host(out, "a.example"); }), "");
    EXPECT_EQ(appended([&](auto& out) { redactor.append_query(out, "a=1"); }), "");
    EXPECT_THAT(appended([&](auto& out) { redactor.append_path(out, "/me/ann"); }),
                testing::MatchesRegex("[0-9a-f]+"));
}

TEST(Redactor, CutsWhatIsTooLong)
{
    const Redactor redactor({});
    const std::string most(longest_logged_value, 'a');
    EXPECT_EQ(appended([&](auto& out) { redactor.append_path(out, most); }), most);
    EXPECT_EQ(appended([&](auto& out) { redactor.append_path(out, most + "b"); }), most + "...");
    EXPECT_EQ(appended([&](auto& out) { redactor.append_text(out, most + "b"); }), most + "...");
    const auto umlauts = std::string(longest_logged_value - 1, 'a') + "\xC3\xA4\xC3\xA4";
    EXPECT_EQ(cut(umlauts), std::string(longest_logged_value - 1, 'a')) << "whole characters only";
}

} // namespace
} // namespace gatehouse::gateway
