#include "gateway/command/running.hpp"

#include "auth/json/reader.hpp"
#include "auth/json/writer.hpp"
#include "gateway/command/admin_client.hpp"
#include "gateway/command/certificate_file.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::json::Value;

/// The members of an answer, as a command prints them. What is missing is "-": an older gateway.
std::string text_of(const Value& object, std::string_view name)
{
    const auto* value = object.find(name);
    if (value == nullptr || value->is_null()) return "-";
    if (const auto* text = value->string()) return printable(*text);
    if (const auto number = value->integer()) return fmt::to_string(*number);
    if (const auto flag = value->boolean()) return *flag ? "yes" : "no";
    return "-";
}

std::span<const Value> items_of(const Value& object, std::string_view name)
{
    const auto* list = object.find(name);
    if (list == nullptr || list->array() == nullptr) return {};
    return *list->array();
}

class RunningCommand {
public:
    RunningCommand(const Arguments& arguments, const config::Settings& settings, Console& console)
        : arguments_(arguments),
          client_(settings),
          console_(console)
    {
    }

    int status()
    {
        const auto status = ask("GET", "/admin/v1/status");
        if (!status) return exit_failed;
        if (arguments_.json) return print_json();
        for (const auto* name :
             {"version", "startedAt", "uptimeSeconds", "ready", "generation", "workers", "sandbox",
              "connections", "requests", "revoked", "logLinesDropped", "auditRecordsDropped"}) {
            line(name, text_of(*status, name));
        }
        if (const auto* store = status->find("store")) {
            line("store", text_of(*store, "kind") +
                              (text_of(*store, "up") == "yes" ? "" : ", which is down"));
        }
        for (const auto& feed : items_of(*status, "feeds")) {
            line("feed", fmt::format("{}, {} ms behind", text_of(feed, "name"),
                                     text_of(feed, "lagMilliseconds")));
        }
        for (const auto& listener : items_of(*status, "listeners")) {
            line("listener", fmt::format("{} (port {})", text_of(listener, "address"),
                                         text_of(listener, "port")));
        }
        return upstreams();
    }

    int reload()
    {
        const auto report = ask("POST", "/admin/v1/reload");
        if (!report) return exit_failed;
        const auto* ok = report->find("ok");
        for (const auto& mistake : items_of(*report, "errors")) tell(mistake, "");
        for (const auto& mistake : items_of(*report, "warnings")) tell(mistake, "warning: ");
        if (ok == nullptr || ok->boolean() != true) {
            console_.err << "the settings before stay in force\n";
            return exit_failed;
        }
        line("generation", text_of(*report, "generation"));
        for (const auto* list : {"changed", "needsRestart"}) {
            for (const auto& key : items_of(*report, list)) {
                if (const auto* text = key.string()) line(list, printable(*text));
            }
        }
        return exit_ok;
    }

    int quit()
    {
        if (!ask("POST", "/admin/v1/quit")) return exit_failed;
        console_.err << "it drains, and ends when the last request is complete\n";
        return exit_ok;
    }

    int log_level()
    {
        std::string body;
        auth::json::Writer json(body);
        json.begin_object();
        json.member("level", arguments_.level);
        json.end_object();
        const bool set = !arguments_.level.empty();
        const auto answer = ask(set ? "PUT" : "GET", "/admin/v1/log-level", set ? body : "");
        if (!answer) return exit_failed;
        for (const auto* name : {"level", "configured"}) line(name, text_of(*answer, name));
        return exit_ok;
    }

    int purge_cache()
    {
        std::string body;
        auth::json::Writer json(body);
        json.begin_object();
        if (arguments_.purged_route) json.member("route", *arguments_.purged_route);
        if (arguments_.purged_host) json.member("host", *arguments_.purged_host);
        if (arguments_.purged_path) json.member("path", *arguments_.purged_path);
        json.end_object();
        const auto answer = ask("POST", "/admin/v1/cache/purge", body);
        if (!answer) return exit_failed;
        line("purged", text_of(*answer, "purged"));
        return exit_ok;
    }

    int config()
    {
        const auto config = ask("GET", "/admin/v1/config");
        if (!config) return exit_failed;
        if (arguments_.json) return print_json();
        for (const auto& setting : items_of(*config, "settings")) {
            console_.out << fmt::format("{}: {}  # {}\n", text_of(setting, "key"),
                                        text_of(setting, "value"), text_of(setting, "origin"));
        }
        return exit_ok;
    }

    int explain()
    {
        const auto& request = arguments_.request;
        const auto blank = request.find(' ');
        const bool has_method = blank != std::string::npos;
        std::string body;
        auth::json::Writer json(body);
        json.begin_object();
        json.member("method", has_method ? request.substr(0, blank) : "GET");
        json.member("target", has_method ? request.substr(blank + 1) : request);
        json.member("host", arguments_.host);
        if (!arguments_.token.empty()) json.member("token", arguments_.token);
        json.member("peer", arguments_.peer);
        json.name("fields");
        json.begin_array();
        for (const auto& field : arguments_.fields) json.string(field);
        json.end_array();
        if (!arguments_.certificate.empty()) {
            const auto certificate = read_certificate_file(arguments_.certificate);
            if (!certificate) {
                console_.err << printable(certificate.error()) << "\n";
                return exit_failed;
            }
            json.member("certificate", pem_of(**certificate));
        }
        json.end_object();
        const auto told = ask("POST", "/admin/v1/explain", body);
        if (!told) return exit_failed;
        if (const auto* client = told->find("client"); client && !client->is_null()) {
            const bool trusted = text_of(*client, "trusted") == "yes";
            line("peer", fmt::format("{}, {}", text_of(*client, "peer"),
                                     trusted ? "trusted" : "not trusted"));
            line("client", fmt::format("{} by {}: {}", text_of(*client, "address"),
                                       text_of(*client, "scheme"), text_of(*client, "reason")));
        }
        if (const auto* shown = told->find("certificate"); shown != nullptr && shown->string())
            line("shown", printable(*shown->string()));
        for (const auto* name : {"path", "route", "outcome"}) line(name, text_of(*told, name));
        if (const auto* refusal = told->find("refusal"); refusal && !refusal->is_null()) {
            line("refusal", fmt::format("{} {}: {}", text_of(*refusal, "status"),
                                        text_of(*refusal, "code"), text_of(*refusal, "message")));
        }
        if (const auto* place = told->find("signIn"); place != nullptr && place->string()) {
            line("browsers", "sent to " + *place->string());
        }
        if (const auto* report = told->find("wouldRefuse"); report != nullptr && report->string())
            line("report", "would have been refused with " + printable(*report->string()));
        for (const auto* name : {"reason", "to"}) line(name, text_of(*told, name));
        const auto head = items_of(*told, "head");
        if (!head.empty()) console_.out << "\nwhat the upstream would get:\n";
        for (const auto& each : head) {
            if (const auto* text = each.string()) console_.out << "  " << printable(*text) << "\n";
        }
        return exit_ok;
    }

private:
    /// As `check` says it, but for the line of the file, which may be another by now.
    void tell(const Value& mistake, std::string_view severity)
    {
        auto place = text_of(mistake, "source");
        if (const auto line = text_of(mistake, "line"); line != "0") {
            place += fmt::format(":{}:{}", line, text_of(mistake, "column"));
        }
        auto key = text_of(mistake, "key");
        if (!key.empty()) key += ": ";
        console_.err << fmt::format("{}: {}{}{}\n", place, severity, key,
                                    text_of(mistake, "message"));
        if (const auto hint = text_of(mistake, "hint"); !hint.empty()) {
            console_.err << fmt::format("  hint: {}\n", hint);
        }
    }

    int upstreams()
    {
        const auto all = ask("GET", "/admin/v1/upstreams");
        if (!all) return exit_failed;
        for (const auto& upstream : items_of(*all, "upstreams")) {
            for (const auto& endpoint : items_of(upstream, "endpoints")) {
                line("upstream",
                     fmt::format("{} at {}: {}, weight {}, {} requests ({} now), {} failures, {} "
                                 "connections, last error {}",
                                 text_of(upstream, "name"), text_of(endpoint, "address"),
                                 text_of(endpoint, "state"), text_of(endpoint, "weight"),
                                 text_of(endpoint, "requests"), text_of(endpoint, "inFlight"),
                                 text_of(endpoint, "failures"), text_of(endpoint, "connections"),
                                 text_of(endpoint, "lastError")));
            }
        }
        return exit_ok;
    }

    /// The JSON of the answer; nothing: it has been said why there is none.
    std::optional<Value> ask(std::string_view method, std::string_view path,
                             std::string_view body = {})
    {
        auto answer = client_.call(method, path, body);
        if (!answer) {
            console_.err << answer.error().message << "\n";
            return std::nullopt;
        }
        last_ = std::move(answer->body);
        auto json = auth::json::read(last_);
        if (json) return std::move(*json);
        console_.err << "the answer is not what this version understands\n  hint: `gatehouse "
                        "version` shows whether it is another one\n";
        return std::nullopt;
    }

    int print_json()
    {
        console_.out << last_ << "\n";
        return exit_ok;
    }

    void line(std::string_view name, std::string_view value)
    {
        console_.out << fmt::format("{:20} {}\n", fmt::format("{}:", name), value);
    }

    const Arguments& arguments_;
    const AdminClient client_;
    Console& console_;
    std::string last_;
};

} // namespace

int run_running_command(const Arguments& arguments, const config::Settings& settings,
                        Console& console)
{
    RunningCommand command{arguments, settings, console};
    switch (arguments.command) {
    case CommandName::quit:
        return command.quit();
    case CommandName::log_level:
        return command.log_level();
    case CommandName::cache_purge:
        return command.purge_cache();
    case CommandName::config_show:
        return command.config();
    case CommandName::reload:
        return command.reload();
    case CommandName::explain:
        return command.explain();
    default:
        return command.status();
    }
}

int run_config(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    if (arguments.live) return run_running_command(arguments, settings, console);
    if (arguments.json) {
        console.err << "--json is for --live\n";
        return exit_usage;
    }
    for (const auto& setting : *settings.shown) {
        console.out << fmt::format("{}: {}  # {}\n", setting.key, printable(setting.value),
                                   setting.origin);
    }
    return exit_ok;
}

} // namespace gatehouse::gateway
