#include "auth/service/second_factor_seal.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

namespace gatehouse::auth {
namespace {

TEST(SealsOfManyProcesses, MakeOneFile)
{
    const contract::TemporaryFolder folder;
    config::Settings settings;
    settings.store = "sqlite:" + (folder.path() / "g.db").string();
    std::vector<std::string> sealed(8);
    contract::together(8, [&](int i) {
        const SecondFactorSeal process(settings);
        const auto seal = process.for_sealing();
        if (seal) sealed.at(static_cast<std::size_t>(i)) = seal->seal(Secret("text"), "totp:u");
    });
    const auto seal = SecondFactorSeal(settings).for_opening();
    ASSERT_TRUE(seal.has_value());
    for (const auto& each : sealed) EXPECT_TRUE(seal->open(each, "totp:u").has_value());
}

} // namespace
} // namespace gatehouse::auth
