#include "gateway/sandbox/sandbox.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/sandbox/call_filter.hpp"
#include "gateway/sandbox/landlock.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

/// Leaks are looked for at the end by a process that traces this one.
constexpr auto sanitized = "this build has a sanitizer, which needs what would be given up";

Sandbox give_up_what_can_be(const config::Settings& settings, std::vector<WritablePlace> places)
{
    Sandbox sandbox;
    if (const auto done = keep_memory_private(); !done) sandbox.missing.push_back(done.error());
    // First the folders: that takes system calls which are given up then.
    if (const auto version = write_only_in(places))
        sandbox.landlock = *version;
    else
        sandbox.missing.push_back(version.error());
    if (const auto done = obey(system_calls_for(::getpid())))
        sandbox.system_calls = true;
    else
        sandbox.missing.push_back(done.error());
    // Read by SQLite when it first needs one; /var/tmp and /tmp are closed now.
    const auto temporary = temporary_folder_of(settings);
    if (sandbox.landlock > 0 && !temporary.empty()) {
        ::setenv("SQLITE_TMPDIR", temporary.c_str(),
                 1); // NOLINT(concurrency-mt-unsafe): no threads
    }
    return sandbox;
}

} // namespace

std::string Sandbox::words() const
{
    std::string words;
    if (system_calls) words = "seccomp";
    if (landlock > 0)
        words += (words.empty() ? "" : ",") + ("landlock:" + std::to_string(landlock));
    return words.empty() ? "off" : words;
}

Result<void, std::string> keep_memory_private()
{
    if (!enforced("sandbox.private_memory")) return {};
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return "core dumps cannot be switched off: " + std::generic_category().message(errno);
    }
    return {};
}

Result<Sandbox, std::string> enter_sandbox(const config::Settings& settings,
                                           std::vector<WritablePlace> also)
{
    Sandbox sandbox;
    if (settings.sandbox == config::SandboxMode::off) return sandbox;
    if (is_sanitized) {
        sandbox.missing.emplace_back(sanitized);
    } else {
        auto places = writable_places(settings);
        places.insert(places.end(), also.begin(), also.end());
        sandbox = give_up_what_can_be(settings, std::move(places));
    }
    const bool required = settings.sandbox == config::SandboxMode::required;
    if (enforced("sandbox.required") && required && !sandbox.missing.empty()) {
        return "sandbox: \"required\" cannot be had: " + sandbox.missing.front() +
               "\n  hint: allow it, or write `sandbox: auto` to go on without";
    }
    return sandbox;
}

} // namespace gatehouse::gateway
