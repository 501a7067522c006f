#include "auth_fixture.hpp"

#include <random>

namespace gatehouse::auth {
namespace {

/// One session as the contract describes it, in as few words as possible.
struct ModelSession {
    std::string user;
    std::vector<Secret> refresh_tokens; // [n] is generation n + 1
    std::vector<Millis> superseded_at;  // of each but the last
    std::vector<Secret> access_tokens;
    bool ended = false;
};

/// Does at random what clients, thieves and operators do, and knows what has to come out.
class Model {
public:
    Model(unsigned seed, config::OnStraggler answer) : random_(seed), answer_(answer)
    {
        auto settings = quick_settings();
        settings.refresh.on_straggler = answer;
        settings.throttle = {.pair_free = 0, .account_per_hour = 0, .address_per_10_minutes = 0};
        settings.tokens.algorithm = config::Algorithm::hs256; // quick to sign
        settings.tokens.access_secret = Secret(std::string(32, 'a'));
        settings.tokens.refresh_secret = Secret(std::string(32, 'r'));
        house_ = std::make_unique<House>(settings);
        for (const auto* user : {"ann", "bob"}) add(user, house_->joined(user));
    }

    void step()
    {
        switch (random_() % 16) {
        case 0:
            log_in();
            break;
        case 1:
            sign_out_with_old_token();
            break;
        case 2:
            sign_out_all();
            break;
        case 3:
            sign_out_others();
            break;
        case 4:
            block_and_unblock();
            break;
        case 5:
        case 6:
            house_->clock.advance(std::chrono::seconds(random_() % 15));
            break;
        default:
            refresh();
            break;
        }
        check_access();
    }

private:
    std::size_t any() { return random_() % sessions_.size(); }

    void add(const std::string& user, const Grant& grant)
    {
        sessions_.push_back({user, {grant.refresh_token}, {}, {grant.access_token}, false});
    }

    void log_in()
    {
        const auto* user = random_() % 2 == 0 ? "ann" : "bob";
        if (sessions_.size() < 12) add(user, house_->logged_in(user));
    }

    /// Presents a random generation, most often one of the newest.
    void refresh()
    {
        auto& session = sessions_[any()];
        const auto newest = session.refresh_tokens.size() - 1;
        const auto back = std::min<std::size_t>(newest, random_() % 3 == 0 ? random_() % 40 : 0);
        const auto presented = newest - back;
        const auto result = house_->refresh(session.refresh_tokens[presented]);
        ASSERT_EQ(outcome(result), expected(session, presented)) << "generation " << presented + 1;
        if (!result) return;
        session.access_tokens.push_back(result->access_token);
        if (back > 0) {
            ASSERT_EQ(result->refresh_token.reveal(), session.refresh_tokens.back().reveal());
            return;
        }
        ASSERT_EQ(house_->claims(*result).generation, session.refresh_tokens.size() + 1);
        session.superseded_at.push_back(house_->clock.now());
        session.refresh_tokens.push_back(result->refresh_token);
    }

    std::string expected(ModelSession& session, std::size_t presented)
    {
        if (session.ended) return "refresh_token_revoked";
        const auto newest = session.refresh_tokens.size() - 1;
        if (presented == newest) return "ok";
        const bool remembered = newest - presented <= superseded_limit;
        if (remembered && house_->clock.now() - session.superseded_at[presented] < 10s) {
            return answer_ == config::OnStraggler::repeat ? "ok" : "refresh_token_reused";
        }
        session.ended = true; // a replay ends it and brings nothing
        return "refresh_token_reused";
    }

    void sign_out_with_old_token()
    {
        if (random_() % 4 != 0) return; // or nobody would live long
        auto& session = sessions_[any()];
        const auto& token = session.refresh_tokens[random_() % session.refresh_tokens.size()];
        const auto claims = house_->service.check_logout_token(token.reveal());
        ASSERT_TRUE(claims.has_value());
        ASSERT_EQ(outcome(house_->service.logout(*claims, somebody)), "ok");
        session.ended = true;
    }

    void sign_out_all()
    {
        if (random_() % 8 != 0) return;
        auto& session = sessions_[any()];
        if (session.ended) return;
        const auto principal = house_->identify(session.access_tokens.back());
        ASSERT_TRUE(principal.has_value());
        ASSERT_EQ(outcome(house_->service.logout_all(*principal, somebody)), "ok");
        end_all_of(session.user, nullptr);
    }

    void sign_out_others()
    {
        if (random_() % 8 != 0) return;
        auto& session = sessions_[any()];
        if (session.ended) return;
        const auto principal = house_->identify(session.access_tokens.back());
        ASSERT_TRUE(principal.has_value());
        ASSERT_EQ(outcome(house_->service.logout_others(*principal, somebody)), "ok");
        end_all_of(session.user, &session);
    }

    void block_and_unblock()
    {
        if (random_() % 8 != 0) return;
        const std::string user = random_() % 2 == 0 ? "ann" : "bob";
        ASSERT_TRUE(house_->admin.block(user).has_value());
        // What the change feed does in a running gateway.
        const auto changes = house_->store.changes_after(sequence_, 1'000);
        for (const auto& change : *changes) {
            house_->revocations.apply(change, house_->clock.seconds() + 2h);
            sequence_ = change.sequence;
        }
        end_all_of(user, nullptr);
        ASSERT_TRUE(house_->admin.unblock(user).has_value());
        house_->revocations.unblock(house_->admin.find_user(user)->id);
    }

    void end_all_of(const std::string& user, const ModelSession* keep)
    {
        for (auto& session : sessions_) {
            if (session.user == user && &session != keep) session.ended = true;
        }
    }

    /// Ended stays ended, for every token that was ever made; what lives, lives.
    void check_access()
    {
        for (const auto& session : sessions_) {
            const auto& token = session.access_tokens[random_() % session.access_tokens.size()];
            const auto result = house_->identify(token);
            if (session.ended) {
                ASSERT_FALSE(result.has_value());
            } else {
                ASSERT_TRUE(result || result.error() == TokenError::expired) << result.error();
            }
        }
    }

    std::mt19937 random_;
    config::OnStraggler answer_;
    std::unique_ptr<House> house_;
    std::vector<ModelSession> sessions_;
    std::uint64_t sequence_ = 0;
};

TEST(SessionModel, EveryInterleavingKeepsOneLiveGenerationAndEndedStaysEnded) // R40, R41, R43
{
    for (unsigned seed = 1; seed <= 30; ++seed) {
        for (const auto answer : {config::OnStraggler::refuse, config::OnStraggler::repeat}) {
            SCOPED_TRACE(seed);
            Model model(seed, answer);
            for (int i = 0; i < 150; ++i) {
                SCOPED_TRACE(i);
                model.step();
                if (testing::Test::HasFatalFailure()) return;
            }
        }
    }
}

} // namespace
} // namespace gatehouse::auth
