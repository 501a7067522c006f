#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {
namespace {

void add_log_format(CommandTree& tree, CLI::App& command)
{
    command.add_option("--log-format", tree.arguments.log_format, "json, or dev for people")
        ->check(CLI::IsMember({"json", "dev"}));
}

} // namespace

void add_running(CommandTree& tree)
{
    auto* run = tree.add(tree.root, "run", CommandName::run, "Serve until SIGTERM or SIGINT");
    auto* upstream = run->add_option("--upstream", tree.arguments.upstream,
                                     "Protect this one service, without a file");
    // Without one it would be the file that is served: not what a script meant whose variable is
    // not set.
    upstream->type_name("URL")->excludes(tree.config)->check([](const std::string& url) {
        return url.empty() ? std::string("is empty: write a URL") : std::string();
    });
    run->add_option("--listen", tree.arguments.listen, "Where clients connect")
        ->type_name("ADDRESS:PORT")
        ->needs(upstream);
    add_log_format(tree, *run);
    run->add_flag(
           "--take-over", tree.arguments.take_over,
           "Take the sockets of the running gateway, which then ends, and lose no connection")
        ->excludes(upstream);

    auto* demo = tree.add(tree.root, "demo", CommandName::demo,
                          "Serve a small echo service, with a store that is gone afterwards");
    demo->add_option("--listen", tree.arguments.listen, "Default 127.0.0.1:8080")
        ->type_name("ADDRESS:PORT")
        ->excludes(tree.config);
    demo->add_flag("--no-guide", tree.arguments.no_guide, "Do not print what to try");
    add_log_format(tree, *demo);
}

} // namespace gatehouse::gateway
