#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {
namespace {

void add_init(CommandTree& tree)
{
    auto& arguments = tree.arguments;
    auto* init = tree.add(tree.root, "init", CommandName::init,
                          "Write a commented configuration; asks where nothing else is said");
    auto* upstream = init->add_option("--upstream", arguments.upstream,
                                      "The service to protect; default http://127.0.0.1:3000");
    upstream->type_name("URL");
    init->add_option("--from", arguments.from, "A compose file: a route to each service of it")
        ->type_name("FILE")
        ->excludes(upstream);
    init->add_option("--listen", arguments.listen, "Where clients connect; default 0.0.0.0:8080")
        ->type_name("ADDRESS:PORT");
    auto* certificate =
        init->add_option(
                "--certificate", arguments.certificate,
                "Speak HTTPS, with this certificate (PEM); then the default is 0.0.0.0:8443")
            ->type_name("FILE");
    auto* key =
        init->add_option("--key", arguments.certificate_key, "The key of the certificate (PEM)")
            ->type_name("FILE");
    certificate->needs(key);
    key->needs(certificate);
    init->add_option("--redirect", arguments.redirect,
                     "Where plain clients connect, who are sent to HTTPS")
        ->type_name("ADDRESS:PORT")
        ->needs(certificate);
    init->add_option("--registration", arguments.registration, "Who may register; default invite")
        ->check(CLI::IsMember({"open", "invite", "closed"}));
    init->add_option("--store", arguments.store,
                     "Where accounts and sessions are kept; default sqlite:gatehouse.db")
        ->type_name("STORE");
    init->add_option("--issuer", arguments.issuer,
                     "The URL that clients use; default http://localhost:PORT")
        ->type_name("URL");
    init->add_flag("--force", arguments.force, "Replace a file that is there already");
}

} // namespace

void add_setup(CommandTree& tree)
{
    add_init(tree);
    auto* group = tree.add_group("config", "About the configuration: show, schema");
    auto* show = tree.add(*group, "show", CommandName::config_show,
                          "Show every setting and where it comes from, secrets masked");
    show->add_flag("--live", tree.arguments.live, "Ask the running gateway");
    show->add_flag("--json", tree.arguments.json, "With --live: as the gateway answers it");
    tree.add(*group, "schema", CommandName::config_schema,
             "Print the JSON schema of it, for editors");

    tree.add(tree.root, "completion", CommandName::completion,
             "Print what makes a shell complete this command line")
        ->add_option("shell", tree.arguments.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    tree.add(tree.root, "manual", CommandName::manual, "Print a manual page; man -l - shows it")
        ->add_option("page", tree.arguments.page, "gatehouse or gatehouse.yaml")
        ->check(CLI::IsMember({"gatehouse", "gatehouse.yaml"}))
        ->capture_default_str();
}

} // namespace gatehouse::gateway
