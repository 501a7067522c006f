#include "gateway/command/serve.hpp"

#include "config/environment/environment.hpp"
#include "config/forms/address.hpp"
#include "config/load/load.hpp"
#include "gateway/command/chosen_settings.hpp"
#include "gateway/command/echo_upstream.hpp"
#include "gateway/net/descriptors.hpp"
#include "gateway/runtime/gateway.hpp"
#include "gateway/sandbox/sandbox.hpp"
#include "gateway/service/manager_environment.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

/// A folder only this user can look into; it goes with everything in it.
class PrivateFolder {
public:
    PrivateFolder()
    {
        std::error_code ignored;
        path_ = (std::filesystem::temp_directory_path(ignored) / "gatehouse-demo-XXXXXX").string();
        made_ = ::mkdtemp(path_.data()) != nullptr;
    }

    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    ~PrivateFolder()
    {
        std::error_code ignored;
        if (!made_) return;
        std::filesystem::remove_all(path_, ignored);
        // remove(3) tries unlink() first, and in the sandbox hears of it what ends the attempt.
        ::rmdir(path_.c_str());
    }

    [[nodiscard]] bool is_made() const noexcept { return made_; }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    bool made_ = false;
};

config::Loaded demo_settings(const Arguments& arguments, const std::string& folder,
                             std::uint16_t upstream_port)
{
    const auto listen = arguments.listen.empty() ? "127.0.0.1:8080" : arguments.listen;
    const auto format = arguments.log_format.empty() ? "dev" : arguments.log_format;
    const auto upstream = fmt::format("http://127.0.0.1:{}", upstream_port);
    const std::vector<config::Override> overrides{
        {"--listen", "listen[0].address", listen},
        {"--log-format", "log.format", format},
        {"demo", "admin", "127.0.0.1:0"},
        {"demo", "store", fmt::format("sqlite:{}/demo.db", folder)},
        {"demo", "drain.delay", "0"},
        {"demo", "drain.timeout", "2s"},
        {"demo", "routes[0].match", "/public/**"},
        {"demo", "routes[0].auth", "none"},
        {"demo", "routes[0].to", upstream},
        {"demo", "routes[1].match", "/**"},
        {"demo", "routes[1].to", upstream},
    };
    return config::load_without_file({}, overrides);
}

constexpr auto demo_lines = R"(gatehouse demo
  gateway    {0}
  upstream   http://127.0.0.1:{1}  (a small echo service that knows nothing of tokens)
  admin      http://127.0.0.1:{2}
  store      {3}  (gone when this stops)
)";

constexpr auto demo_guide = R"(
Try, in another terminal:
  curl {0}/hello
  curl {0}/public/hello
  curl {0}/auth/register -H 'Content-Type: application/json' -d '{{"username":"ada","password":"correct horse battery"}}'
  curl {0}/hello -H "Authorization: Bearer <accessToken of the answer>"

Ctrl-C stops everything.
)";

std::string url_of(const config::Settings& settings, std::uint16_t port)
{
    const auto address = config::parse_listen_address(settings.listen.front().address);
    const auto host = address ? address->host : "127.0.0.1";
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

/// What a service manager that started this process has for it.
struct StartedBy {
    GivenSockets sockets;
    ServiceTerms terms;
};

/// Nothing: there was a sentence on `err`.
std::optional<StartedBy> started_by(Console& console)
{
    const auto found = ManagerEnvironment::read(config::process_environment(), ::getpid());
    ManagerEnvironment::forget();
    if (!found) {
        console.err << found.error() << "\n";
        return std::nullopt;
    }
    auto sockets = take_sockets(*found);
    if (!sockets) {
        console.err << sockets.error() << "\n";
        return std::nullopt;
    }
    StartedBy by{
        *std::move(sockets), {found->notify_socket, found->watchdog}
    };
    if (found->notify_socket.empty()) return by;
    // It serves all the same: a manager that waits for a word will say that none came.
    if (const auto socket = NotifySocket::open(found->notify_socket); !socket)
        console.err << socket.error() << "\n";
    return by;
}

/// Starts a gateway in a process that has given up what it can, `also` being where it writes
/// besides; a sentence on `err` when it cannot.
std::unique_ptr<Gateway> started(config::Settings settings, StartOptions options, Console& console,
                                 GivenSockets sockets, std::vector<WritablePlace> also = {})
{
    raise_descriptor_limit(); // nobody may afterwards
    auto sandbox = enter_sandbox(settings, std::move(also));
    if (!sandbox) {
        console.err << sandbox.error() << "\n";
        return nullptr;
    }
    options.sandbox = *std::move(sandbox);
    auto gateway = Gateway::start(std::move(settings), options, std::move(sockets));
    if (gateway) return *std::move(gateway);
    console.err << gateway.error() << "\n";
    return nullptr;
}

} // namespace

int run_gateway(const Arguments& arguments, Console& console)
{
    // First of all: descriptors and variables that nobody else shall take for theirs.
    auto manager = started_by(console);
    if (!manager) return exit_usage;
    auto loaded = chosen(arguments, console);
    if (!loaded) return exit_usage;
    const auto listen = loaded->settings.listen;
    StartOptions options;
    options.take_over = arguments.take_over;
    options.source = {[arguments] { return load_settings(arguments); }, loaded->files};
    options.service = std::move(manager->terms);
    bool told_to_end = false;
    options.told_to_end = &told_to_end;
    // The access log owns standard output.
    const auto gateway = started(std::move(loaded->settings), std::move(options), console,
                                 std::move(manager->sockets));
    if (gateway == nullptr) return told_to_end ? exit_ok : exit_usage;
    for (std::size_t i = 0; i < listen.size(); ++i) {
        console.err << fmt::format("listening on {} (port {})\n", listen[i].address,
                                   gateway->ports()[i]);
    }
    console.err.flush();
    return gateway->wait() == 0 ? exit_ok : exit_failed;
}

int run_demo(const Arguments& arguments, Console& console)
{
    const PrivateFolder folder;
    if (!folder.is_made()) {
        console.err << fmt::format("{}: {}\n", folder.path(),
                                   std::generic_category().message(errno));
        return exit_failed;
    }
    const auto echo = EchoUpstream::listen();
    if (!echo) {
        console.err << echo.error() << "\n";
        return exit_failed;
    }
    const auto loaded = demo_settings(arguments, folder.path(), (*echo)->port());
    if (!loaded.ok()) {
        console.err << to_string(loaded.errors);
        return exit_usage;
    }
    const WritablePlace parent{std::filesystem::path(folder.path()).parent_path().string(),
                               WritablePlace::Use::folders_in}; // for the folder goes at the end
    const auto gateway = started(loaded.settings, StartOptions{}, console, {}, {parent});
    if (gateway == nullptr) return exit_usage;
    // Only now: its threads must not catch the signals that the gateway waits for.
    (*echo)->start();
    const auto url = url_of(loaded.settings, gateway->ports().front());
    console.out << fmt::format(fmt::runtime(demo_lines), url, (*echo)->port(),
                               gateway->admin_port(), folder.path());
    if (!arguments.no_guide) console.out << fmt::format(fmt::runtime(demo_guide), url);
    console.out.flush();
    return gateway->wait() == 0 ? exit_ok : exit_failed;
}

} // namespace gatehouse::gateway
