#include "tests/auth/store/postgres/pooler.hpp"

#include "tests/auth/store/postgres/program.hpp"

#include <libpq-fe.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace gatehouse::auth::postgres {

using namespace std::chrono_literals;

Pooler::Pooler(const Server& server, const std::string& mode, int sessions)
{
    const auto folder = folder_.path();
    std::ofstream(folder / "users") << "\"gatehouse\" \"\"\n";
    std::ofstream(folder / "settings")
        << "[databases]\npostgres = host=" << server.folder().string()
        << " dbname=postgres\n[pgbouncer]\nlisten_addr =\n"
        << "listen_port = 6432\nunix_socket_dir = " << folder.string()
        << "\nauth_type = trust\nauth_file = " << (folder / "users").string()
        << "\npool_mode = " << mode << "\ndefault_pool_size = " << sessions
        << "\nmax_client_conn = 300\nserver_login_retry = 1\n";
    give_away(folder);
    start();
}

Pooler::~Pooler()
{
    if (process_ > 0) stop();
}

Pooler& Pooler::shared()
{
    static Pooler pooler(Server::shared());
    return pooler;
}

std::string Pooler::url(const std::string& database) const
{
    return "postgres://gatehouse@/" + database + "?port=6432&host=" + folder_.path().string();
}

void Pooler::start()
{
    process_ = run({"/usr/sbin/pgbouncer", (folder_.path() / "settings").string()},
                   folder_.path() / "log");
    const auto socket = folder_.path() / ".s.PGSQL.6432";
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    // It answers for a server that is gone, too: that it listens is all there is to wait for.
    while (PQping(url().c_str()) == PQPING_NO_RESPONSE) {
        if (std::chrono::steady_clock::now() > give_up ||
            ::waitpid(process_, nullptr, WNOHANG) != 0) {
            std::ifstream log(folder_.path() / "log");
            throw std::runtime_error(std::string(std::istreambuf_iterator<char>(log), {}));
        }
        std::this_thread::sleep_for(10ms); // between two looks
    }
}

void Pooler::stop()
{
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

} // namespace gatehouse::auth::postgres
