#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {
namespace {

void add_cache(CommandTree& tree)
{
    // An empty one would be everything, of a script whose variable is not set.
    const auto not_empty = [](const std::string& text) {
        return text.empty() ? std::string("is empty: leave it out to mean all") : std::string();
    };
    auto* group = tree.add_group("cache", "Answers that a running gateway keeps: purge");
    auto* purge = tree.add(*group, "purge", CommandName::cache_purge,
                           "Have a running gateway forget answers, and say how many there were");
    purge->add_option("--route", tree.arguments.purged_route, "Of a route, as metrics call it")
        ->check(not_empty);
    purge
        ->add_option("--path", tree.arguments.purged_path,
                     "Of a path, such as /a, /a/*/b or /a/**, whatever the query")
        ->check(not_empty);
    purge
        ->add_option("--host", tree.arguments.purged_host,
                     "Of a host, such as shop.example or *.example")
        ->check(not_empty);
}

/// A method alone would be taken for the path, and nobody sends `GET GET`.
std::string check_request(const std::string& text)
{
    const auto blank = text.find(' ');
    const bool whole =
        blank == text.npos ? text.find('/') != text.npos : blank > 0 && blank + 1 < text.size();
    return whole ? "" : "is no request: write a method and a path, such as 'GET /orders/7'";
}

} // namespace

void add_looking(CommandTree& tree)
{
    auto* check =
        tree.add(tree.root, "check", CommandName::check, "Show every mistake in the configuration");
    check->add_flag("--connect", tree.arguments.connect,
                    "Also try the store, every upstream and where redirects lead");
    check->add_flag("--routes", tree.arguments.routes, "Also list who may use which route");

    auto* explain = tree.add(tree.root, "explain", CommandName::explain,
                             "Show what would happen to a request, and why");
    explain->add_option("request", tree.arguments.request, "Such as 'GET /orders/7'")
        ->required()
        ->check(check_request);
    explain->add_option("--token", tree.arguments.token, "An access token");
    explain->add_option("--host", tree.arguments.host, "The Host field")->capture_default_str();
    explain->add_option("--peer", tree.arguments.peer, "The address that connects")
        ->capture_default_str();
    explain->add_option("--header", tree.arguments.fields, "A further field, 'Name: value'");
    explain->add_flag("--live", tree.arguments.live, "Ask the running gateway");
    explain->add_option(
        "--certificate", tree.arguments.certificate,
        "A file (PEM) with the certificate that the client shows, taken for verified");

    tree.add(tree.root, "status", CommandName::status, "Ask a running gateway how it is doing")
        ->add_flag("--json", tree.arguments.json, "As the gateway answers it");
    tree.add(tree.root, "reload", CommandName::reload,
             "Have a running gateway read its configuration again");
    tree.add(tree.root, "log-level", CommandName::log_level,
             "Show or set how much a running gateway says of itself, until it ends")
        ->add_option("level", tree.arguments.level, "error, warn, info or debug")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}));
    add_cache(tree);
    tree.add(tree.root, "quit", CommandName::quit, "End a running gateway by an orderly drain");
    tree.add(tree.root, "health", CommandName::health, "Ask a running gateway whether it is alive")
        ->add_flag("--ready", tree.arguments.ready, "Whether it is ready for requests");
    tree.add(tree.root, "version", CommandName::version, "Print the version");
}

} // namespace gatehouse::gateway
