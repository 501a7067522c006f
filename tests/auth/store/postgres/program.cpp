#include "tests/auth/store/postgres/program.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace gatehouse::auth::postgres {

namespace fs = std::filesystem;

namespace {

/// Whom the server runs as: ourselves, or where we are root somebody who is not.
[[nodiscard]] const passwd& owner()
{
    static const passwd* const entry = [] {
        if (::getuid() != 0) return ::getpwuid(::getuid());
        const auto* own = ::getpwnam("postgres");
        return own != nullptr ? const_cast<passwd*>(own) : ::getpwnam("nobody");
    }();
    if (entry == nullptr) throw std::runtime_error("there is no user to run PostgreSQL as");
    return *entry;
}

} // namespace

void give_away(const fs::path& path)
{
    const auto& user = owner();
    if (::getuid() == 0 && ::chown(path.c_str(), user.pw_uid, user.pw_gid) != 0) {
        throw std::runtime_error(path.string() + " cannot be given away");
    }
}

pid_t run(std::vector<std::string> words, const fs::path& output)
{
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const auto& user = owner();
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
    if (::getuid() == 0 && (::setgid(user.pw_gid) != 0 || ::setuid(user.pw_uid) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // after setuid, which forgets it
    if (::getppid() != parent) ::_exit(126);
    if (::chdir("/") == 0) ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

void wait_for_success(pid_t child, const fs::path& output)
{
    int status = 0;
    if (::waitpid(child, &status, 0) == child && status == 0) return;
    std::ifstream log(output);
    throw std::runtime_error(std::string(std::istreambuf_iterator<char>(log), {}));
}

} // namespace gatehouse::auth::postgres
