#include "gateway/command/certificate_file.hpp"

#include "config/environment/read_file.hpp"
#include "config/settings/terms.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <cstddef>
#include <memory>

namespace gatehouse::gateway {

Result<X509Ptr, std::string> read_certificate_file(const std::string& path)
{
    constexpr std::size_t longest = config::MiB;
    const auto text = config::read_file(path, longest);
    if (!text) return fmt::format("{} {}", path, text.error().message);
    auto all = read_certificates(*text);
    if (!all) return fmt::format("{}: {}", path, all.error());
    return std::move(all->front());
}

std::string pem_of(const X509& certificate)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    if (!out || PEM_write_bio_X509(out.get(), &certificate) != 1) return {};
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

} // namespace gatehouse::gateway
