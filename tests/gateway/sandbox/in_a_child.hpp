#pragma once

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <vector>

namespace gatehouse::gateway::test {

/// Runs `prepare` in a process of its own, for a sandbox is for ever, and then each of `attempts`.
/// Gives the error number of each, 0 where it succeeded; empty: `prepare` said no.
inline std::vector<int> errors_in_a_child(const std::function<bool()>& prepare,
                                          const std::vector<std::function<long()>>& attempts)
{
    const auto bytes = (attempts.size() + 1) * sizeof(int);
    void* const shared =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return {};
    auto* const told = static_cast<int*>(shared);
    const pid_t child = ::fork();
    if (child == 0) {
        if (!prepare()) ::_exit(1);
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            errno = 0;
            told[i] = attempts[i]() < 0 ? errno : 0;
        }
        ::_exit(0);
    }
    int status = 0;
    std::vector<int> errors;
    if (::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        errors.assign(told, told + attempts.size());
    }
    ::munmap(shared, bytes);
    return errors;
}

} // namespace gatehouse::gateway::test
