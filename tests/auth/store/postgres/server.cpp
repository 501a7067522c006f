#include "tests/auth/store/postgres/server.hpp"

#include "auth/store/postgres/connection.hpp"
#include "tests/auth/store/postgres/program.hpp"

#include <libpq-fe.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Debian keeps the programs of each version in a folder of its own.
[[nodiscard]] fs::path programs()
{
    fs::path newest;
    std::error_code ignored;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        const auto folder = version.path() / "bin";
        if (fs::exists(folder / "initdb") && folder > newest) newest = folder;
    }
    if (newest.empty()) {
        throw std::runtime_error("PostgreSQL is not installed; tests/packages names it");
    }
    return newest;
}

} // namespace

Server::Server(std::vector<std::string> settings) : settings_(std::move(settings))
{
    give_away(folder_.path());
    const auto log = folder_.path() / "log";
    wait_for_success(
        run({(programs() / "initdb").string(), "-D", (folder_.path() / "data").string(), "-U",
             "gatehouse", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"},
            log),
        log);
    start();
}

Server::~Server()
{
    if (postmaster_ > 0) end(SIGQUIT);
}

Server& Server::shared()
{
    static Server server;
    return server;
}

std::string Server::url() const
{
    return url("gatehouse");
}

std::string Server::url(const std::string& user) const
{
    return "postgres://" + user + "@/postgres?host=" + folder_.path().string();
}

void Server::start()
{
    std::vector<std::string> words = {(programs() / "postgres").string(),
                                      "-D",
                                      (folder_.path() / "data").string(),
                                      "-c",
                                      "listen_addresses=",
                                      "-c",
                                      "unix_socket_directories=" + folder_.path().string(),
                                      "-c",
                                      "max_connections=60"};
    for (const auto& setting : settings_) words.insert(words.end(), {"-c", setting});
    postmaster_ = run(words, folder_.path() / "log");
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (PQping(url().c_str()) != PQPING_OK) {
        if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("does not start");
        std::this_thread::sleep_for(10ms); // between two looks
    }
}

void Server::stop()
{
    end(SIGINT);
}

void Server::kill()
{
    end(SIGQUIT);
}

void Server::end(int signal)
{
    ::kill(postmaster_, SIGCONT);
    ::kill(postmaster_, signal);
    ::waitpid(postmaster_, nullptr, 0);
    postmaster_ = -1;
}

void Server::freeze() const
{
    signal_all(SIGSTOP);
}

void Server::thaw() const
{
    signal_all(SIGCONT);
}

void Server::signal_all(int signal) const
{
    // First the parent, which would start others in the meantime.
    ::kill(postmaster_, signal);
    const auto id = std::to_string(postmaster_);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) ::kill(child, signal);
}

void Server::execute(const std::string& sql) const
{
    Connection(url()).execute(sql);
}

std::string Server::ask(const std::string& sql) const
{
    Connection connection(url());
    auto rows = connection.execute(sql);
    return rows.next() ? rows.text(0) : std::string();
}

void Server::require_password(const std::string& user) const
{
    std::ofstream(folder_.path() / "data" / "pg_hba.conf")
        << "local all " << user << " scram-sha-256\nlocal all all trust\n";
    execute("SELECT pg_reload_conf()");
    const auto without = url(user);
    while (PQping(without.c_str()) == PQPING_OK) {
        try {
            const Connection still_let_in(without); // PQping would not log in
        } catch (const Failure&) {
            return;
        }
    }
}

void Server::set_read_only(bool read_only) const
{
    const std::string value = read_only ? "on" : "off";
    execute("ALTER SYSTEM SET default_transaction_read_only = " + value);
    execute("SELECT pg_reload_conf()");
    while (ask("SHOW default_transaction_read_only") != value) {
        std::this_thread::sleep_for(5ms); // between two looks
    }
}

void Server::close_connections() const
{
    execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
}

} // namespace gatehouse::auth::postgres
