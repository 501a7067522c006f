#include "config/load/pem_reader.hpp"

#include "config/environment/read_file.hpp"
#include "config/scalars/scalars.hpp"

#include <filesystem>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_pem = 4 * MiB; // all authorities of a system take a tenth of it

} // namespace

std::string PemReader::read(const std::string& key, std::string& file)
{
    if (file.empty()) return {};
    file = (std::filesystem::path{folder_} / file).lexically_normal().string();
    report_.draws_in(file);
    auto content = read_file(file, longest_pem);
    if (content) return *std::move(content);
    report_.error(
        nearest_node(root_, key), key,
        {file + " " + content.error().message, "name a PEM file that this user may read"});
    return {};
}

} // namespace gatehouse::config
