#include "auth/mail/mail.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};

TEST(MailedLink, OpensWhatItIsForWhileItIsTheirs)
{
    const MailedLink link{"digest", LinkPurpose::reset_password, "u1", "ada@example.com",
                          noon + 30min};

    const struct {
        const char* name;
        LinkPurpose purpose;
        std::optional<std::string> address;
        bool blocked;
        Millis now;
        bool expected;
    } rows[] = {
        {"as it was mailed",       LinkPurpose::reset_password, "ada@example.com", false, noon,         true },
        {"its last millisecond",   LinkPurpose::reset_password, "ada@example.com", false,
         Millis{noon} + 30min - 1ms,                                                                    true },
        {"on its expiry",          LinkPurpose::reset_password, "ada@example.com", false, noon + 30min,
         false                                                                                               },
        {"for another purpose",    LinkPurpose::verify_email,   "ada@example.com", false, noon,         false},
        {"with another address",   LinkPurpose::reset_password, "eve@example.com", false, noon,
         false                                                                                               },
        {"with no address at all", LinkPurpose::reset_password, std::nullopt,      false, noon,         false},
        {"of a blocked user",      LinkPurpose::reset_password, "ada@example.com", true,  noon,         false},
    };

    for (const auto& row : rows) {
        User user;
        user.folded_email = row.address;
        user.blocked = row.blocked;
        EXPECT_EQ(opens(link, row.purpose, user, row.now), row.expected) << row.name;
    }
}

} // namespace
} // namespace gatehouse::auth
