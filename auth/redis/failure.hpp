#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::auth::redis {

/// Why Redis did not do what it was asked.
enum class Trouble : std::uint8_t {
    // The connection is gone. What was asked on it meanwhile may have been done or not.
    unreachable, // no such name, nobody there, or not in time: nothing was asked
    unfit,       // the server is not as it must be, by its settings
    untrusted,   // TLS: we do not trust them, or they do not trust us
    lost,        // closed by the other side
    timed_out,
    garbled, // not RESP3, or more of it than we take

    // The server said so and did nothing. The connection goes on.
    wrong_password,   // WRONGPASS
    needs_password,   // NOAUTH
    forbidden,        // NOPERM
    loading,          // LOADING: it reads its file, and will be there
    read_only,        // READONLY, MASTERDOWN: a replica
    out_of_memory,    // OOM: maxmemory is reached, and nothing may be evicted
    no_script,        // NOSCRIPT: send it again
    busy,             // BUSY: a script runs and runs
    cannot_persist,   // MISCONF: its disk fails
    too_few_replicas, // NOREPLICAS
    elsewhere,        // MOVED, ASK, CROSSSLOT, CLUSTERDOWN, TRYAGAIN: a cluster
    refused           // any other word
};

[[nodiscard]] std::string_view to_string(Trouble trouble) noexcept;
std::ostream& operator<<(std::ostream& out, Trouble trouble);

/// What an error of the server means, by its first word.
[[nodiscard]] Trouble trouble_of(std::string_view error) noexcept;

/// A trouble, and a sentence about it for the operator; no password is ever in there.
struct Failure {
    Failure() = default; // for Result

    explicit Failure(Trouble which, std::string sentence = {})
        : trouble(which),
          detail(std::move(sentence))
    {
    }

    Trouble trouble = Trouble::refused;
    std::string detail;
    bool passes = false; // refused for now: another client has to go first
};

} // namespace gatehouse::auth::redis
