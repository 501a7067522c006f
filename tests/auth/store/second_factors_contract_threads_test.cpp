#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

#include <atomic>

namespace gatehouse::auth::contract {
namespace {

class SecondFactorRace : public StoreContract {
protected:
    SecondFactorRace()
    {
        add_user("u1");
        must(store->begin_second_factor("u1", "sealed", noon));
        must(store->confirm_second_factor("u1", "sealed", 0, digests, noon));
    }

    /// How many of eight that do it at once are told that they did.
    template <class Work>
    [[nodiscard]] static int winners(Work work)
    {
        std::atomic<int> won = 0;
        together(8, [&](int i) { won += must(work(i)) ? 1 : 0; });
        return won;
    }

    const std::vector<std::string> digests = {"d1", "d2", "d3"};
};

INSTANTIATE_TEST_SUITE_P(Stores, SecondFactorRace, every_store, name_of);

TEST_P(SecondFactorRace, OneCodeLetsOneIn)
{
    for (TotpStep step = 1; step <= 5; ++step) {
        const auto use = [&](int) { return store->use_totp("u1", "sealed", step, "sealed", {}); };
        EXPECT_EQ(winners(use), 1);
    }
}

TEST_P(SecondFactorRace, OneRecoveryCodeLetsOneIn)
{
    for (const auto& digest : digests) {
        EXPECT_EQ(winners([&](int) { return store->use_recovery_code("u1", digest, noon); }), 1);
    }
}

TEST_P(SecondFactorRace, OneTicketTakesOneRecoveryCode)
{
    std::vector<std::string> codes;
    for (int i = 0; i < 8; ++i) codes.push_back("code " + std::to_string(i));
    must(store->replace_recovery_codes("u1", codes, noon));
    Deed deed(noon);
    deed.ticket = GoodOnce{"ticket", noon + 5min};
    std::atomic<int> won = 0;
    together(8, [&](int i) {
        const auto used = store->use_recovery_code("u1", "code " + std::to_string(i), deed);
        if (used ? !*used : used.error() != StoreError::already_used) ADD_FAILURE() << i;
        won += used ? 1 : 0;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(must(store->find_second_factor("u1"))->codes_left, 7U);
}

TEST_P(SecondFactorRace, OneConfirmationCounts)
{
    must(store->remove_second_factor("u1", noon));
    must(store->begin_second_factor("u1", "sealed", noon));
    EXPECT_EQ(winners([&](int i) {
                  const std::vector<std::string> own = {"code of " + std::to_string(i)};
                  return store->confirm_second_factor("u1", "sealed", 1, own, noon);
              }),
              1);
    EXPECT_EQ(must(store->find_second_factor("u1"))->codes_left, 1U);
}

TEST_P(SecondFactorRace, NewCodesAreThoseOfOneCall)
{
    EXPECT_EQ(winners([&](int i) {
                  const std::vector<std::string> own = {std::to_string(i) + "a",
                                                        std::to_string(i) + "b"};
                  return store->replace_recovery_codes("u1", own, noon);
              }),
              8);
    EXPECT_EQ(must(store->find_second_factor("u1"))->codes_left, 2U);
}

} // namespace
} // namespace gatehouse::auth::contract
