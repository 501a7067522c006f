#include "gateway/sandbox/writable_places.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace gatehouse::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sqlite = "sqlite:";

std::string folder_of(const fs::path& file)
{
    const auto folder = file.parent_path();
    return folder.empty() ? "." : folder.string();
}

class Places {
public:
    void add(std::string path, WritablePlace::Use use)
    {
        WritablePlace place{std::move(path), use};
        if (std::ranges::find(list_, place) == list_.end()) list_.push_back(std::move(place));
    }

    /// A file that is made where it is missing.
    void add_file(const fs::path& file)
    {
        if (file.empty()) return;
        std::error_code ignored;
        const auto kind = fs::status(file, ignored).type();
        if (kind == fs::file_type::character || kind == fs::file_type::fifo) {
            return add(file.string(), WritablePlace::Use::file);
        }
        add(folder_of(file), WritablePlace::Use::files_in);
        const auto real = fs::weakly_canonical(file, ignored);
        const bool is_link = fs::is_symlink(fs::symlink_status(file, ignored));
        if (is_link && !real.empty()) add(folder_of(real), WritablePlace::Use::files_in);
    }

    [[nodiscard]] std::vector<WritablePlace> take() { return std::move(list_); }

private:
    std::vector<WritablePlace> list_;
};

} // namespace

std::vector<WritablePlace> writable_places(const config::Settings& settings)
{
    Places places;
    places.add("/dev/null", WritablePlace::Use::file);
    if (settings.store.starts_with(sqlite)) {
        const auto database = settings.store.substr(sqlite.size());
        places.add_file(database);
        places.add_file(database + ".keys.json"); // either may be a link of its own
    }
    places.add_file(settings.tokens.keys_file);
    if (settings.admin != "off" && settings.admin_api.token.empty()) {
        places.add_file(settings.admin_api.file());
    }
    places.add_file(settings.admin_api.socket);
    places.add_file(settings.log.file);
    return places.take();
}

std::string temporary_folder_of(const config::Settings& settings)
{
    if (!settings.store.starts_with(sqlite)) return {};
    return folder_of(settings.store.substr(sqlite.size()));
}

} // namespace gatehouse::gateway
