#include "tests/auth/store/sqlite/torn_disk.hpp"

#include <algorithm>
#include <fstream>

namespace gatehouse::auth::contract {

namespace {

using Kind = DiskChange::Kind;

constexpr std::size_t sector_bytes = 512;

[[nodiscard]] bool coin(std::mt19937& random)
{
    return random() % 2 == 0;
}

[[nodiscard]] std::size_t below(std::size_t limit, std::mt19937& random)
{
    return limit == 0 ? 0 : std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

/// A file that is put together from writes.
class Image {
public:
    /// `filler` stands where the file grew and nothing was written.
    Image(std::string bytes, std::string filler)
        : bytes_(std::move(bytes)),
          filler_(std::move(filler))
    {
    }

    void write(std::size_t offset, std::string_view bytes)
    {
        if (bytes_.size() < offset + bytes.size()) grow(offset + bytes.size());
        std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    }

    void resize(std::size_t size)
    {
        if (size > bytes_.size()) grow(size);
        bytes_.resize(size);
    }

    void apply(const DiskChange& change)
    {
        if (change.kind == Kind::truncate) return resize(change.offset);
        write(change.offset, change.bytes);
    }

    /// Any subset of the sectors the write touches. Neighbouring bytes are left alone: disks have
    /// been able to promise that for long, and SQLite takes it for granted (powersafe overwrite).
    void apply_torn(const DiskChange& change, std::mt19937& random)
    {
        if (change.kind == Kind::truncate) {
            if (coin(random)) resize(change.offset);
            return;
        }
        std::size_t begin = 0;
        while (begin < change.bytes.size()) {
            const auto in_sector = sector_bytes - (change.offset + begin) % sector_bytes;
            const auto size = std::min(in_sector, change.bytes.size() - begin);
            const auto piece = std::string_view(change.bytes).substr(begin, size);
            if (coin(random)) write(change.offset + begin, piece);
            begin += size;
        }
    }

    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    void grow(std::size_t size)
    {
        while (bytes_.size() < size) {
            bytes_.append(filler_, 0, std::min(filler_.size(), size - bytes_.size()));
        }
    }

    std::string bytes_;
    std::string filler_;
};

[[nodiscard]] std::string filler(std::mt19937& random)
{
    std::string bytes(4 * sector_bytes, '\0');
    if (coin(random)) {
        for (auto& byte : bytes) byte = static_cast<char>(random());
    }
    return bytes;
}

[[nodiscard]] std::string with_everything(std::string bytes, const std::vector<DiskChange>& changes)
{
    Image image(std::move(bytes), std::string(sector_bytes, '\0'));
    for (const auto& change : changes) image.apply(change);
    return image.take();
}

} // namespace

const char* to_string(Mercy mercy)
{
    switch (mercy) {
    case Mercy::keeps_nothing:
        return "keeps nothing";
    case Mercy::keeps_all:
        return "keeps all";
    case Mercy::keeps_some:
        return "keeps some writes";
    case Mercy::tears:
        return "tears writes";
    case Mercy::keeps_beginning:
        return "keeps the beginning";
    case Mercy::loses_one:
        return "loses one write";
    }
    return "?";
}

TornDisk::TornDisk(const Files& files)
{
    for (const auto& [path, bytes] : files) files_[path] = {bytes, {}, true, false};
}

void TornDisk::apply(const DiskChange& change)
{
    auto& file = files_[change.path];
    switch (change.kind) {
    case Kind::found:
        file.name_synced = true; // the store makes it itself, and syncs the folder
        break;
    case Kind::made:
        if (file.removed) file = {};
        break;
    case Kind::write:
    case Kind::truncate:
        file.pending.push_back(change);
        break;
    case Kind::sync:
        file.synced = with_everything(std::move(file.synced), file.pending);
        file.pending.clear();
        break;
    case Kind::remove:
        file.removed = true;
        break;
    case Kind::sync_folder:
        std::erase_if(files_, [](const auto& entry) { return entry.second.removed; });
        for (auto& [path, each] : files_) each.name_synced = true;
        break;
    }
}

std::string TornDisk::survivor(const File& file, Mercy mercy, std::mt19937& random)
{
    Image image(file.synced, filler(random));
    const auto chosen = below(file.pending.size(), random);
    for (std::size_t i = 0; i < file.pending.size(); ++i) {
        const auto& change = file.pending[i];
        switch (mercy) {
        case Mercy::keeps_nothing:
            break;
        case Mercy::keeps_all:
            image.apply(change);
            break;
        case Mercy::keeps_some:
            if (coin(random)) image.apply(change);
            break;
        case Mercy::tears:
            image.apply_torn(change, random);
            break;
        case Mercy::keeps_beginning:
            if (i < chosen) image.apply(change);
            if (i == chosen && change.kind == Kind::write) {
                const auto size = below(change.bytes.size() + 1, random);
                image.write(change.offset, std::string_view(change.bytes).substr(0, size));
            }
            break;
        case Mercy::loses_one:
            if (i != chosen) image.apply(change);
            break;
        }
    }
    return image.take();
}

Files TornDisk::left(Mercy mercy, std::mt19937& random) const
{
    Files files;
    for (const auto& [path, file] : files_) {
        const bool sure = file.name_synced && !file.removed;
        const bool unsure = mercy == Mercy::keeps_nothing ? file.name_synced
                            : mercy == Mercy::keeps_all   ? !file.removed
                                                          : coin(random);
        if (sure || unsure) files[path] = survivor(file, mercy, random);
    }
    return files;
}

void write_into(const std::filesystem::path& folder, const Files& files)
{
    for (const auto& [path, bytes] : files) {
        const auto name = std::filesystem::path(path).filename();
        std::ofstream(folder / name, std::ios::binary) << bytes;
    }
}

} // namespace gatehouse::auth::contract
