#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/sandbox/writable_places.hpp"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What a process has given up.
struct Sandbox {
    bool system_calls = false; // it can make only those that a gateway needs
    int landlock = 0;          // the version that holds its writes to their places; 0: none
    std::vector<std::string>
        missing; // sentences: what it would have given up, and why it could not

    /// In a few words: "seccomp,landlock:7", "off".
    [[nodiscard]] std::string words() const;
};

/// Gives up what `settings.sandbox` says; `also` are places besides those of the settings. Called
/// before the first thread, for Landlock holds for a thread and those that it starts. Nothing of
/// it can be taken back. Error: it is required and not possible; a sentence for the operator.
[[nodiscard]] Result<Sandbox, std::string> enter_sandbox(const config::Settings& settings,
                                                         std::vector<WritablePlace> also = {});

/// No core dump of this process shows a key or a password, and no other process of the same user
/// may look into its memory. Error: a sentence.
[[nodiscard]] Result<void, std::string> keep_memory_private();

} // namespace gatehouse::gateway
