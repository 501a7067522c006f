#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {

void add_keys(CommandTree& tree)
{
    auto* keys = tree.add_group("keys", "Keys that sign tokens: list, rotate, import");
    tree.add(*keys, "list", CommandName::keys_list, "List the keys");
    tree.add(*keys, "rotate", CommandName::keys_rotate,
             "Sign with the next key from now on; old tokens stay good");
    auto* imported = tree.add(*keys, "import", CommandName::keys_import,
                              "Take over a signing key that others made, or another keys file");
    imported->add_option("file", tree.arguments.file, "A private key as PEM or JWK, or a keys.json")
        ->required();
    imported->add_option("--as", tree.arguments.import_as, "What it becomes")
        ->check(CLI::IsMember({"next", "active"}))
        ->capture_default_str();
}

void add_api_keys(CommandTree& tree)
{
    auto* group = tree.add_group("apikey", "API keys, for machines: create, list, revoke");
    auto* create = tree.add(*group, "create", CommandName::apikey_create,
                            "Make a key that speaks for a user, and show it this once");
    create->add_option("--user", tree.arguments.who, "A username, an e-mail address or an id")
        ->required();
    create->add_option("--scope", tree.arguments.scopes, "What it may be used for; repeat for more")
        ->expected(1)
        ->take_all();
    create->add_option("--name", tree.arguments.key_name, "To tell it from others");
    create->add_option("--expires", tree.arguments.key_expires, "How long it is good, such as 90d")
        ->capture_default_str();

    tree.add(*group, "list", CommandName::apikey_list, "List the keys, never what they are made of")
        ->add_option("--user", tree.arguments.who, "Only those of this user");

    tree.add(*group, "revoke", CommandName::apikey_revoke,
             "Refuse a key for good, in every gateway within a second")
        ->add_option("key", tree.arguments.api_key, "Its id, or the key itself")
        ->required();
}

} // namespace gatehouse::gateway
