#include "auth/service/admin_credential.hpp"

#include "auth/jose/base64url.hpp"
#include "config/basics/enforced.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace gatehouse::auth {
namespace {

using Problem = AdminCredential::Problem;

constexpr std::size_t token_bytes = 32;
constexpr auto least_characters = config::AdminApiSettings::least_token_bytes;
constexpr std::size_t most_characters = 1024;

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}

    ~Descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

Problem failure(std::string_view doing, const std::string& path)
{
    return Problem(fmt::format("cannot {} the admin token {}: {}", doing, path,
                               std::strerror(errno))); // NOLINT(concurrency-mt-unsafe)
}

Secret new_token()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no token
    std::array<unsigned char, token_bytes> bytes{};
    ::randombytes_buf(bytes.data(), bytes.size());
    Secret token(
        jose::encode_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    ::sodium_memzero(bytes.data(), bytes.size());
    return token;
}

bool is_token(std::string_view text) noexcept
{
    return text.size() >= least_characters && text.size() <= most_characters &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
}

/// The token in the file; nothing when there is no such file.
Result<std::optional<Secret>, Problem> read_token(const std::string& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT) return std::optional<Secret>();
        return failure("read", path);
    }

    struct stat facts{};

    if (::fstat(file.get(), &facts) != 0) return failure("look at", path);
    if (!S_ISREG(facts.st_mode)) return Problem(fmt::format("{} is no file", path));
    const unsigned mode = facts.st_mode & 07777U;
    // A group may read it: that is how a Secret reaches a process that is not root.
    if (enforced("admin.token_file_mode") && (mode & 037U) != 0) {
        return Problem(fmt::format("the admin token {} may be used by others than its owner (mode "
                                   "{:04o}); run: chmod 600 {}",
                                   path, mode, path));
    }
    std::array<char, most_characters + 2> text{};
    const auto got = ::read(file.get(), text.data(), text.size());
    if (got < 0) return failure("read", path);
    std::string_view token(text.data(), static_cast<std::size_t>(got));
    while (token.ends_with('\n') || token.ends_with('\r')) token.remove_suffix(1);
    if (!is_token(token)) {
        return Problem(fmt::format("{} holds no admin token: {} to {} letters and digits; remove "
                                   "the file, and the next start makes a new one",
                                   path, least_characters, most_characters));
    }
    return std::optional<Secret>(Secret(std::string(token)));
}

/// Makes the file with its content in one step, unless it is there: link() replaces nothing.
Result<void, Problem> make_token(const std::string& path)
{
    std::string temporary = path + ".new-XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // made with mode 0600
    if (!file.is_open()) return failure("make", path);
    const auto token = new_token();
    const std::string line = std::string(token.reveal()) + "\n";
    const bool written =
        ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(file.get()) == 0;
    const bool is_there =
        written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int why = errno;
    ::unlink(temporary.c_str());
    errno = why;
    if (!is_there) return failure("make", path);
    return {};
}

} // namespace

Result<AdminCredential, Problem> AdminCredential::open(const config::AdminApiSettings& settings)
{
    if (!settings.token.empty()) return AdminCredential(digest_of(settings.token.reveal()));
    if (settings.file().empty()) return unknown();
    auto kept = read_token(settings.file());
    if (!kept) return kept.error();
    if (!*kept) {
        if (const auto made = make_token(settings.file()); !made) return made.error();
        kept = read_token(settings.file());
        if (!kept) return kept.error();
    }
    if (!*kept) return Problem(fmt::format("{} was taken away again", settings.file()));
    return AdminCredential(digest_of((*kept)->reveal()));
}

Result<Secret, Problem> AdminCredential::find(const config::AdminApiSettings& settings)
{
    if (!settings.token.empty()) return settings.token;
    if (settings.file().empty()) {
        return Problem("with a store in memory nobody knows the admin token; name a file with "
                       "admin_api.token_file, or set GATEHOUSE_ADMIN_TOKEN");
    }
    auto kept = read_token(settings.file());
    if (!kept) return kept.error();
    if (auto& token = *kept) return *std::move(token);
    return Problem(fmt::format("there is no admin token in {}: a gateway makes it when it starts",
                               settings.file()));
}

std::optional<Problem> AdminCredential::problem_with(const config::AdminApiSettings& settings)
{
    const auto& path = settings.file();
    if (!settings.token.empty() || path.empty()) return std::nullopt;
    const auto kept = read_token(path);
    if (!kept) return kept.error();
    // The usual place is beside the store, whose folder need not be on the machine that judges.
    std::error_code ignored;
    const auto folder = std::filesystem::path(path).parent_path();
    if (*kept || settings.token_file.empty() || folder.empty() ||
        std::filesystem::is_directory(folder, ignored)) {
        return std::nullopt;
    }
    return Problem(
        fmt::format("{} cannot be made: the folder {} does not exist", path, folder.string()));
}

AdminCredential AdminCredential::unknown()
{
    return AdminCredential(digest_of(new_token().reveal()));
}

bool AdminCredential::is(std::string_view presented) const noexcept
{
    const auto digest = digest_of(presented);
    const bool same = ::sodium_memcmp(digest.data(), digest_.data(), digest.size()) == 0;
    return !enforced("admin.credential") || same;
}

AdminCredential::Digest AdminCredential::digest_of(std::string_view token) noexcept
{
    Digest digest{};
    ::crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(token.data()),
                         token.size());
    return digest;
}

} // namespace gatehouse::auth
