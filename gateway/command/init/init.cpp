#include "gateway/command/init/init.hpp"

#include "config/environment/read_file.hpp"
#include "config/forms/forms.hpp"
#include "config/load/load.hpp"
#include "config/reference/schema.hpp"
#include "config/yaml/read.hpp"
#include "gateway/command/init/compose.hpp"
#include "gateway/command/init/new_file.hpp"
#include "gateway/command/init/questions.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace gatehouse::gateway {
namespace {

constexpr auto schema_name = "gatehouse.schema.json";

/// Beside the configuration, where editors of everybody who has the folder find it.
std::string schema_path(const std::string& config_file)
{
    return (std::filesystem::path(config_file).parent_path() / schema_name).string();
}

/// In the folder that a container has for it; the plain default is for a program.
constexpr auto store_in_container = "sqlite:/var/lib/gatehouse/gatehouse.db";

class Init {
public:
    Init(const Arguments& arguments, bool asks, Console& console)
        : arguments_(arguments),
          asks_(asks),
          console_(console)
    {
    }

    int run()
    {
        if (!may_write() || !take_options() || !take_compose() || !ask() || !compose_text())
            return exit_usage;
        return write();
    }

private:
    /// Looked at first: nobody wants to answer questions for nothing.
    bool may_write()
    {
        if (arguments_.force) return true;
        for (const auto& path : {arguments_.config_file, schema_path(arguments_.config_file)}) {
            std::error_code ignored;
            if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) continue;
            if (path != arguments_.config_file && same_schema(path)) continue;
            console_.err << fmt::format("{} is there already, and was not touched\n"
                                        "  hint: --force replaces it, --config FILE writes "
                                        "another one\n",
                                        printable(path));
            return false;
        }
        return true;
    }

    static bool same_schema(const std::string& path)
    {
        const auto text = config::read_file(path, config::yaml_bytes_limit);
        return text && *text == config::configuration_schema();
    }

    bool take_options()
    {
        bool good = true;
        const auto take = [&](const char* option, const std::string& value,
                              const config::Form& form, std::string& into) {
            if (value.empty()) return;
            into = value;
            const auto problem = form.check(value);
            if (!problem) return;
            console_.err << told(option, *problem);
            good = false;
        };
        std::string upstream;
        take("--upstream", arguments_.upstream, config::forms::endpoint, upstream);
        take("--listen", arguments_.listen, config::forms::listen_address, plan_.listen);
        take("--certificate", arguments_.certificate, config::forms::file_path, plan_.certificate);
        take("--key", arguments_.certificate_key, config::forms::file_path, plan_.key);
        take("--redirect", arguments_.redirect, config::forms::listen_address, plan_.redirect);
        if (arguments_.listen.empty() && !plan_.certificate.empty()) plan_.listen = listen_by_https;
        take("--store", arguments_.store, config::forms::store, plan_.store);
        take("--issuer", arguments_.issuer, config::forms::word, plan_.issuer);
        if (!arguments_.registration.empty()) plan_.registration = arguments_.registration;
        if (!upstream.empty())
            plan_.routes = {
                {"/**", upstream, ""}
            };
        return good;
    }

    bool take_compose()
    {
        if (arguments_.from.empty()) return true;
        const auto text = config::read_file(arguments_.from, config::yaml_bytes_limit);
        if (!text) {
            console_.err << fmt::format("{}: {}\n  hint: name a compose file with --from\n",
                                        printable(arguments_.from), text.error().message);
            return false;
        }
        auto reading = read_compose(*text, arguments_.from);
        if (!reading) {
            console_.err << reading.error().message;
            return false;
        }
        plan_.compose_file = printable(std::filesystem::path(arguments_.from).filename().string());
        plan_.routes = std::move(reading->routes);
        plan_.skipped = std::move(reading->skipped);
        if (arguments_.store.empty()) plan_.store = store_in_container;
        return true;
    }

    bool ask()
    {
        if (asks_ && !ask_what_is_open(arguments_, plan_, console_)) return false;
        if (plan_.routes.empty())
            plan_.routes = {
                {"/**", default_upstream, ""}
            };
        return true;
    }

    /// Nothing is written that `check` would refuse. What it would only wonder about is said here.
    bool compose_text()
    {
        text_ = configuration_text(plan_, schema_name);
        const auto loaded = config::load_text(text_, arguments_.config_file, {});
        console_.err << to_string(loaded.errors) << to_string(loaded.warnings);
        if (!loaded.ok()) console_.err << "nothing was written\n";
        return loaded.ok();
    }

    int write()
    {
        const auto existing = arguments_.force ? Existing::replace : Existing::keep;
        const auto schema = schema_path(arguments_.config_file);
        std::optional<std::string> problem;
        if (!same_schema(schema)) {
            problem = write_new_file(schema, config::configuration_schema(), existing);
        }
        if (!problem) problem = write_new_file(arguments_.config_file, text_, existing);
        if (problem) {
            console_.err << *problem << "\n";
            return exit_failed;
        }
        tell();
        return exit_ok;
    }

    void tell()
    {
        const auto file = printable(arguments_.config_file);
        const auto option =
            arguments_.config_given ? fmt::format(" --config {}", file) : std::string{};
        console_.out << fmt::format("{} is written, and {} for editors beside it\n", file,
                                    schema_name);
        for (const auto& route : plan_.routes) {
            console_.out << fmt::format("  {} -> {}\n", route.match, route.to);
        }
        for (const auto& service : plan_.skipped) {
            console_.out << fmt::format("  no route to {}: {}\n", service.name, service.reason);
        }
        console_.out << fmt::format("next: look at it, then\n  gatehouse check{0}\n"
                                    "  gatehouse run{0}\n",
                                    option);
        if (plan_.registration == "invite") {
            console_.out << fmt::format("  gatehouse user invite{}\n", option);
        }
    }

    const Arguments& arguments_;
    const bool asks_;
    Console& console_;
    Plan plan_;
    std::string text_;
};

} // namespace

int run_init(const Arguments& arguments, bool asks, Console& console)
{
    return Init{arguments, asks, console}.run();
}

} // namespace gatehouse::gateway
