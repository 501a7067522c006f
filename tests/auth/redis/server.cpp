#include "tests/auth/redis/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace gatehouse::auth::redis {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
namespace fs = std::filesystem;

[[nodiscard]] pid_t run(std::vector<std::string> words, const fs::path& output)
{
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const auto log = output.string();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;
    // Only what may be called after fork in a process with threads.
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file >= 0) {
        ::dup2(file, STDOUT_FILENO);
        ::dup2(file, STDERR_FILENO);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
}

[[nodiscard]] std::string text_of(const fs::path& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

[[nodiscard]] std::uint16_t free_port()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener, generic, size) != 0 || ::getsockname(listener, generic, &size) != 0) {
        throw std::runtime_error("no port is free");
    }
    ::close(listener);
    return ntohs(address.sin_port);
}

void run_openssl(const fs::path& folder, std::vector<std::string> words)
{
    const auto log = folder / "openssl.log";
    words.insert(words.begin(), {"openssl", "req", "-x509", "-days", "1", "-nodes", "-newkey", "ec",
                                 "-pkeyopt", "ec_paramgen_curve:prime256v1"});
    int status = 0;
    const auto child = run(std::move(words), log);
    if (::waitpid(child, &status, 0) != child || status != 0) {
        throw std::runtime_error(text_of(log));
    }
}

} // namespace

void make_authority(const fs::path& folder, const std::string& name)
{
    run_openssl(folder,
                {"-subj", "/CN=" + name, "-keyout", folder / (name + ".key"), "-out",
                 folder / (name + ".crt"), "-addext", "keyUsage=critical,keyCertSign,cRLSign"});
}

void make_certificate(const fs::path& folder, const std::string& authority, const std::string& name,
                      const std::string& alternatives)
{
    run_openssl(folder, {"-subj", "/CN=" + name, "-keyout", folder / (name + ".key"), "-out",
                         folder / (name + ".crt"), "-CA", folder / (authority + ".crt"), "-CAkey",
                         folder / (authority + ".key"), "-addext", "subjectAltName=" + alternatives,
                         "-addext", "basicConstraints=critical,CA:FALSE"});
}

Server::Server(std::vector<std::string> settings, bool tls)
    : settings_(std::move(settings)),
      tls_(tls)
{
    if (tls_) {
        make_authority(folder_.path(), "authority");
        make_certificate(folder_.path(), "authority", "server", "IP:127.0.0.1,DNS:redis.example");
    }
    start();
}

Server::~Server()
{
    if (process_ > 0) kill();
}

Server& Server::shared()
{
    static Server server;
    return server;
}

Place Server::place() const
{
    Place place{
        .address = {.tls = tls_, .host = "127.0.0.1", .port = port_}
    };
    if (tls_) place.tls.authorities = folder_.path() / "authority.crt";
    return place;
}

std::unique_ptr<Connection> Server::connect() const
{
    while (true) {
        auto opened = Connection::open(place(), late());
        if (opened || opened.error().trouble != Trouble::loading) return must(std::move(opened));
        std::this_thread::sleep_for(1ms); // between two looks
    }
}

void Server::start()
{
    const auto& folder = folder_.path();
    const auto log = folder / "log";
    const auto give_up = Steady::now() + 60s;
    while (true) {
        // The port it had, if it had one: clients come back to it. Between our look and its bind
        // somebody else may take it.
        if (port_ == 0) port_ = free_port();
        const auto port = std::to_string(port_);
        std::ofstream file(folder / "redis.conf");
        file << "bind 127.0.0.1\ndir " << folder.string()
             << "\nsave \"\"\nappendonly yes\nappendfsync always\nenable-debug-command yes\n"
             << "port " << (tls_ ? "0" : port) << '\n';
        if (tls_) {
            file << "tls-port " << port << "\ntls-auth-clients no\ntls-cert-file "
                 << (folder / "server.crt").string() << "\ntls-key-file "
                 << (folder / "server.key").string() << "\ntls-ca-cert-file "
                 << (folder / "authority.crt").string() << '\n';
        }
        for (const auto& line : settings_) file << line << '\n';
        file.close();
        process_ = run({"redis-server", folder / "redis.conf"}, log);
        while (::waitpid(process_, nullptr, WNOHANG) == 0) {
            if (answers()) return;
            if (Steady::now() > give_up) throw std::runtime_error("does not start");
            std::this_thread::sleep_for(5ms); // between two looks
        }
        process_ = -1;
        if (Steady::now() > give_up || text_of(log).find("in use") == std::string::npos) {
            throw std::runtime_error("Redis ended: " + text_of(log));
        }
        port_ = 0;
    }
}

bool Server::answers() const
{
    const auto opened = Connection::open(place(), late());
    if (opened) return true;
    const auto trouble = opened.error().trouble;
    return trouble != Trouble::unreachable && trouble != Trouble::lost;
}

void Server::kill()
{
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

void Server::freeze() const
{
    ::kill(process_, SIGSTOP);
}

void Server::thaw() const
{
    ::kill(process_, SIGCONT);
}

} // namespace gatehouse::auth::redis
