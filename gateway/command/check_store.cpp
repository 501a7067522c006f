#include "gateway/command/check_store.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway {

std::vector<config::Diagnostic> look_at_store_file(const config::Settings& settings)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!settings.store.starts_with(sqlite)) return {};
    const auto file = settings.store.substr(sqlite.size());
    struct stat state{};
    if (::stat(file.c_str(), &state) != 0 || (state.st_mode & (S_IROTH | S_IWOTH)) == 0) return {};
    config::Diagnostic found;
    found.severity = config::Severity::warning;
    found.key = "store";
    found.message = fmt::format("{} is open to every user of this machine", file);
    found.hint =
        "chmod 600: the hashes of all passwords are in it, and whoever writes it makes admins";
    return {found};
}

} // namespace gatehouse::gateway
