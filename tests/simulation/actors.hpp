#pragma once

#include "tests/simulation/calls.hpp"

#include <optional>
#include <string>

namespace gatehouse::simulation {

/// A person with one account and one device. The front end keeps the newest pair, refreshes when a
/// request is denied, tries again when nobody answers, and logs in when all else fails. Sometimes
/// two tabs race, and sometimes the person tries what should no longer work.
class Client {
public:
    Client(World& world, Account& account) : world_(world), calls_(world), account_(&account) {}

    /// Until the world closes.
    void live();

private:
    void step();
    void use();
    void get_in();
    void refresh();
    void race();
    void sign_out();
    void change_password();
    void replay();
    [[nodiscard]] std::size_t newest_password();
    [[nodiscard]] bool exists() const;

    World& world_;
    Calls calls_;
    Account* account_; // after a deletion the next one of that name
    std::optional<Pair> pair_;
};

/// Blocks, unblocks, deletes, sets passwords and roles, asks for new keys.
class Operator {
public:
    explicit Operator(World& world) : world_(world), calls_(world) {}

    void live();

private:
    void step();
    /// Until it is done or hope is gone.
    template <class Job>
    void insist(const Job& job);
    void block_for_a_while(Account& account);
    void remove(Account& account);

    World& world_;
    Calls calls_;
};

/// Presents tokens it has copied, old and new, all over the place, and looks who takes them.
class Watcher {
public:
    explicit Watcher(World& world) : world_(world), calls_(world) {}

    void live();
    /// Every token that was ever handed out, at every replica it happens to reach.
    void look_at_everything();

private:
    void look(const AccessToken& token);

    World& world_;
    Calls calls_;
};

} // namespace gatehouse::simulation
