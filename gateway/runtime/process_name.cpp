#include "gateway/runtime/process_name.hpp"

#include "auth/basics/id.hpp"

#include <climits>

#include <unistd.h>

#include <array>

namespace gatehouse::gateway {

std::string process_name()
{
    std::array<char, HOST_NAME_MAX + 1> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    const auto random = auth::Id128::random().to_string().substr(0, 6);
    return std::string(host.data()) + ":" + std::to_string(::getpid()) + ":" + random;
}

} // namespace gatehouse::gateway
