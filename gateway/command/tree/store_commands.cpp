#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {

void add_store(CommandTree& tree)
{
    auto* store =
        tree.add_group("store", "Where accounts and sessions are kept: status, migrate ...");
    tree.add(*store, "status", CommandName::store_status,
             "Show what is in it, and who holds a lease; changes nothing");
    tree.add(*store, "migrate", CommandName::store_migrate,
             "Make its tables or bring them up to date, as the first gateway to start would");
    tree.add(*store, "fence", CommandName::store_fence,
             "After restoring a backup: end every session, so that no spent token lives again");
    auto* copy = tree.add(*store, "copy", CommandName::store_copy,
                          "Copy everything into an empty store, while no gateway runs");
    copy->add_option("--from", tree.arguments.from, "sqlite:PATH or a postgres:// URL")->required();
    copy->add_option("--to", tree.arguments.to, "The same of the new store")->required();
}

void add_audit(CommandTree& tree)
{
    constexpr std::size_t most = 1'000'000;
    auto* audit = tree.add(tree.root, "audit", CommandName::audit,
                           "Show who logged in, was refused, was blocked ...; the newest last");
    audit->add_option("--user", tree.arguments.who, "Only this user: a name, an address or an id");
    audit->add_option("--event", tree.arguments.event, "Only events of this kind, such as login");
    audit->add_option("--since", tree.arguments.since, "Not before: 24h, or a date or time in UTC");
    audit->add_option("--until", tree.arguments.until, "Only before this");
    audit->add_option("--limit", tree.arguments.limit, "At most so many, the newest")
        ->check(CLI::Range(std::size_t{1}, most))
        ->capture_default_str();
    audit->add_flag("--json", tree.arguments.json, "One JSON object per line");
}

} // namespace gatehouse::gateway
