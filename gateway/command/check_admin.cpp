#include "gateway/command/check_admin.hpp"

#include "auth/service/admin_credential.hpp"
#include "gateway/net/unix_socket.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace gatehouse::gateway {
namespace {

namespace fs = std::filesystem;
using config::Diagnostic;
using config::Severity;

/// A bad file at the usual place does not end the start: then nobody is let in by a token.
std::optional<Diagnostic> look_at_token(const config::Settings& settings)
{
    if (settings.admin == "off") return std::nullopt;
    const auto problem = auth::AdminCredential::problem_with(settings.admin_api);
    if (!problem) return std::nullopt;
    Diagnostic found;
    const bool named = !settings.admin_api.token_file.empty();
    found.severity = named ? Severity::error : Severity::warning;
    found.key = "admin_api.token_file";
    found.message = problem->message;
    if (!named) found.hint = "as it is, the admin API lets nobody in by a token";
    return found;
}

std::optional<Diagnostic> look_at_socket(const std::string& path)
{
    if (path.empty()) return std::nullopt;
    Diagnostic found;
    found.key = "admin_api.socket";
    if (path.size() > longest_unix_path) {
        found.message = fmt::format("{} has {} bytes, and the path of a socket at most {}", path,
                                    path.size(), longest_unix_path);
        found.hint = "name a folder that is nearer, such as /run/gatehouse";
        return found;
    }
    std::error_code ignored;
    const auto parent = fs::path(path).parent_path();
    const auto folder = parent.empty() ? fs::path(".") : parent;
    if (!fs::is_directory(folder, ignored)) {
        // Where a file is judged need not be where it is used, and /run is empty after each boot.
        found.severity = Severity::warning;
        found.message = fmt::format("the folder {} does not exist here", folder.string());
        found.hint = "the start makes no folder; systemd does, with RuntimeDirectory=gatehouse";
        return found;
    }
    const auto there = fs::symlink_status(path, ignored);
    if (!fs::exists(there) || fs::is_socket(there)) return std::nullopt;
    found.message = fmt::format("{} is there, and is no socket", path);
    found.hint = "move it away, or name another path";
    return found;
}

} // namespace

std::vector<Diagnostic> look_at_admin(const config::Settings& settings)
{
    std::vector<Diagnostic> all;
    if (auto found = look_at_token(settings)) all.push_back(*std::move(found));
    if (auto found = look_at_socket(settings.admin_api.socket)) all.push_back(*std::move(found));
    return all;
}

} // namespace gatehouse::gateway
