#include "config/environment/read_file.hpp"
#include "config/load/secrets.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_jwks_file = 256 * KiB;
constexpr std::size_t longest_secret_file = 4096;

class IssuerFiles {
public:
    IssuerFiles(const std::string& folder, const Node& root, Report& report)
        : folder_(folder),
          root_(root),
          report_(report)
    {
    }

    void read_all(IssuerSettings& issuer, const std::string& key)
    {
        auto& jwks = issuer.jwks;
        jwks.file_text = read(key + ".jwks.file", jwks.file, longest_jwks_file);
        auto secret = read(key + ".secret_file", issuer.secret_file, longest_secret_file);
        if (secret.ends_with('\n')) secret.pop_back();
        if (secret.ends_with('\r')) secret.pop_back();
        issuer.secret = Secret(std::move(secret));
        if (!jwks.ca.empty()) jwks.ca = in_folder(jwks.ca);
    }

private:
    [[nodiscard]] std::string in_folder(const std::string& file) const
    {
        return (std::filesystem::path{folder_} / file).lexically_normal().string();
    }

    /// Has `file` be a whole path. Empty where there is none, or after a complaint.
    [[nodiscard]] std::string read(const std::string& key, std::string& file, std::size_t longest)
    {
        if (file.empty()) return {};
        file = in_folder(file);
        report_.draws_in(file);
        auto content = read_file(file, longest);
        if (content) return *std::move(content);
        report_.error(
            nearest_node(root_, key), key,
            {file + " " + content.error().message, "name a file that this user may read"});
        return {};
    }

    const std::string& folder_;
    const Node& root_;
    Report& report_;
};

} // namespace

void take_issuer_files(Settings& settings, const std::string& folder, const Node& root,
                       Report& report)
{
    IssuerFiles files(folder, root, report);
    for (auto& [name, issuer] : settings.issuers) {
        const auto key = fmt::format("issuers.{}", name);
        if (!report.blames(key)) files.read_all(issuer, key);
    }
}

IssuerSet believed_by(const Settings& settings, const std::vector<std::string>& names)
{
    IssuerSet believed = 0;
    for (const auto& name : names) {
        if (name == own_issuer_name) believed |= own_issuer;
        const auto found = settings.issuers.find(name);
        if (found == settings.issuers.end()) continue;
        const auto number = std::distance(settings.issuers.begin(), found) + 1;
        if (number <= static_cast<std::ptrdiff_t>(most_issuers)) believed |= own_issuer << number;
    }
    return believed;
}

} // namespace gatehouse::config
