#pragma once

#include "config/basics/result.hpp"
#include "gateway/sandbox/system_calls.hpp"

#include <linux/filter.h>

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// The program that the kernel asks about each system call (seccomp(2)). What is not allowed fails
/// with EPERM and never ends the process: a library that is newer than the list loses one of its
/// ways, and the gateway goes on. What is absent fails with ENOSYS.
[[nodiscard]] std::vector<sock_filter> filter_of(const SystemCalls& calls);

/// From now on, for all threads there are and will be; nothing takes it back. The process can gain
/// no rights by running programs either. Error: a sentence.
[[nodiscard]] Result<void, std::string> obey(const SystemCalls& calls);

} // namespace gatehouse::gateway
