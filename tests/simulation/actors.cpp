#include "tests/simulation/actors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

namespace {

/// One that nobody ever had.
std::string fresh_password(World& world)
{
    return fmt::format("password {}", world.next_number());
}

} // namespace

// ---- a client ---------------------------------------------------------------------------------

bool Client::exists() const
{
    return std::ranges::any_of(account_->passwords,
                               [](const auto& each) { return each.given_up || each.acknowledged; });
}

void Client::live()
{
    while (!world_.is_closing()) {
        world_.scheduler().sleep(world_.random().between(50ms, 900ms));
        step();
    }
}

void Client::step()
{
    if (!pair_) return get_in();
    const auto dice = world_.random().below(100);
    if (dice < 40) return use();
    if (dice < 65) return refresh();
    if (dice < 73) return race();
    if (dice < 83) return sign_out();
    if (dice < 88) return change_password();
    if (dice < 94) return replay();
    get_in(); // another device
}

/// What the person believes; after an unanswered change it may be one of two.
std::size_t Client::newest_password()
{
    std::vector<std::size_t> candidates;
    for (std::size_t i = account_->passwords.size(); i-- > 0;) {
        candidates.push_back(i);
        if (account_->passwords[i].acknowledged) break;
    }
    if (world_.random().permille(100)) return world_.random().below(account_->passwords.size());
    return world_.random().any(candidates);
}

void Client::get_in()
{
    if (account_->was_deleted(world_.scheduler().now())) {
        account_ = &world_.life_after(*account_);
        pair_.reset();
    }
    std::optional<Calls::Answer> answer;
    if (account_->id.empty() && (!exists() || world_.random().permille(500))) {
        const auto password = fresh_password(world_);
        answer = world_.ask([calls = calls_, &account = *account_, password](Process& p) mutable {
            return calls.register_user(p, account, password);
        });
    } else {
        const auto password = newest_password();
        answer = world_.ask([calls = calls_, &account = *account_, password](Process& p) mutable {
            return calls.login(p, account, password);
        });
    }
    if (answer && answer->pair) pair_ = answer->pair;
}

void Client::use()
{
    auto& tokens = world_.oracle().access_tokens();
    const auto own = std::ranges::find(tokens, pair_->access, &AccessToken::text);
    if (own == tokens.end()) return;
    const auto answer = world_.ask(
        [calls = calls_, token = *own](Process& p) mutable { return calls.verify(p, token); });
    if (answer && answer->outcome == Outcome::denied) refresh();
}

void Client::refresh()
{
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto answer = world_.ask([calls = calls_, token = pair_->refresh](
                                           Process& p) mutable { return calls.refresh(p, token); });
        if (answer && answer->pair) {
            pair_ = answer->pair;
            return;
        }
        if (answer && answer->outcome == Outcome::denied) {
            pair_.reset();
            return;
        }
        world_.scheduler().sleep(world_.random().between(20ms, 300ms));
    }
}

/// Tabs that wake up together; what the last one hears is what stays.
void Client::race()
{
    const auto tabs = 1 + world_.random().below(3);
    for (std::size_t i = 0; i < tabs; ++i) {
        world_.scheduler().spawn([this, token = pair_->refresh, account = account_] {
            const auto answer = world_.ask(
                [calls = calls_, token](Process& p) mutable { return calls.refresh(p, token); });
            if (answer && answer->pair && account == account_) pair_ = answer->pair;
        });
    }
    refresh();
}

void Client::sign_out()
{
    using SignOut = Calls::SignOut;
    const auto pair = *pair_;
    const auto how = world_.random().below(5);
    std::optional<Calls::Answer> answer;
    if (how == 0) {
        answer = world_.ask([calls = calls_, token = pair.refresh](Process& p) mutable {
            return calls.logout(p, token);
        });
    } else if (how == 4) {
        std::vector<std::string> own;
        for (const auto& [id, session] : world_.oracle().sessions()) {
            if (session.account == account_) own.push_back(id);
        }
        if (own.empty()) return;
        const auto id = world_.random().any(own);
        answer = world_.ask([calls = calls_, &account = *account_, pair, id](Process& p) mutable {
            return calls.revoke(p, account, pair, id);
        });
    } else {
        const auto what = how == 1 ? SignOut::this_one : how == 2 ? SignOut::all : SignOut::others;
        answer = world_.ask([calls = calls_, &account = *account_, pair, what](Process& p) mutable {
            return calls.sign_out(p, account, pair, what);
        });
    }
    const bool stays = how == 3 || how == 4;
    if (answer && answer->outcome == Outcome::ok && !stays) pair_.reset();
}

void Client::change_password()
{
    const auto fresh = fresh_password(world_);
    const auto current = newest_password();
    const auto pair = *pair_;
    const auto ask = [&] {
        return world_.ask(
            [calls = calls_, &account = *account_, pair, current, fresh](Process& p) mutable {
                return calls.change_password(p, account, pair, current, fresh);
            });
    };
    // Somebody else uses the old one at the same moment.
    world_.scheduler().spawn([this, current] {
        world_.scheduler().sleep(world_.random().between(0ms, 8ms));
        static_cast<void>(
            world_.ask([calls = calls_, &account = *account_, current](Process& p) mutable {
                return calls.login(p, account, current);
            }));
    });
    static_cast<void>(ask());
}

/// A copy of an older refresh token of this account, from a backup or a thief.
void Client::replay()
{
    std::vector<std::string> old;
    for (const auto& [id, session] : world_.oracle().sessions()) {
        if (session.account != account_) continue;
        for (const auto& [generation, token] : session.refresh_tokens) old.push_back(token);
    }
    if (old.empty()) return;
    const auto token = world_.random().any(old);
    static_cast<void>(world_.ask(
        [calls = calls_, token](Process& p) mutable { return calls.refresh(p, token); }));
}

// ---- an operator ------------------------------------------------------------------------------

void Operator::live()
{
    while (!world_.is_closing()) {
        world_.scheduler().sleep(world_.random().between(300ms, 2500ms));
        step();
    }
}

template <class Job>
void Operator::insist(const Job& job)
{
    for (int attempt = 0; attempt < 4; ++attempt) {
        const auto answer = world_.ask(job);
        if (answer && answer->outcome == Outcome::ok) return;
        world_.scheduler().sleep(200ms);
    }
}

void Operator::step()
{
    auto& account = world_.random().any(world_.accounts());
    if (account.id.empty()) return;
    const auto dice = world_.random().below(12);
    if (dice < 5) {
        block_for_a_while(account);
    } else if (dice < 6) {
        insist([calls = calls_, &account](Process& p) mutable {
            return calls.block(p, account, true);
        });
    } else if (dice < 8) {
        std::vector<std::string> roles(world_.random().below(3), "writer");
        if (roles.size() == 2) roles[1] = "reader";
        insist([calls = calls_, &account, roles](Process& p) mutable {
            return calls.set_roles(p, account, roles);
        });
    } else if (dice < 10) {
        // Once only: every try sets a password of its own.
        const auto fresh = fresh_password(world_);
        static_cast<void>(world_.ask([calls = calls_, &account, fresh](Process& p) mutable {
            return calls.set_password(p, account, fresh);
        }));
    } else if (dice < 11) {
        remove(account);
    } else if (shares_keys(world_.settings().tokens)) {
        insist([calls = calls_](Process& p) mutable { return calls.rotate_keys(p); });
    }
}

void Operator::block_for_a_while(Account& account)
{
    insist(
        [calls = calls_, &account](Process& p) mutable { return calls.block(p, account, true); });
    world_.scheduler().sleep(world_.random().between(0ms, 1500ms));
    insist(
        [calls = calls_, &account](Process& p) mutable { return calls.block(p, account, false); });
}

void Operator::remove(Account& account)
{
    // A registration that is still on its way could take the name that becomes free.
    const auto now = world_.scheduler().now();
    if (std::ranges::any_of(account.passwords,
                            [&](const auto& each) { return each.until() >= now; }))
        return;
    insist([calls = calls_, &account](Process& p) mutable { return calls.remove(p, account); });
}

// ---- a watcher --------------------------------------------------------------------------------

void Watcher::live()
{
    while (!world_.is_closing()) {
        world_.scheduler().sleep(world_.random().between(20ms, 250ms));
        auto& tokens = world_.oracle().access_tokens();
        if (tokens.empty()) continue;
        // Mostly of late, since the old ones have expired.
        const auto recent = std::min<std::size_t>(tokens.size(), 12);
        const auto back = world_.random().permille(800) ? world_.random().below(recent)
                                                        : world_.random().below(tokens.size());
        look(tokens[tokens.size() - 1 - back]);
    }
}

void Watcher::look(const AccessToken& token)
{
    static_cast<void>(
        world_.ask([calls = calls_, token](Process& p) mutable { return calls.verify(p, token); }));
}

void Watcher::look_at_everything()
{
    const auto tokens = world_.oracle().access_tokens(); // a copy: more may come
    for (const auto& token : tokens) look(token);
}

} // namespace gatehouse::simulation
