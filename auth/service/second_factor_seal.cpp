#include "auth/service/second_factor_seal.hpp"

#include "auth/jose/base64url.hpp"
#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace gatehouse::auth {
namespace {

constexpr std::string_view sqlite = "sqlite:";
constexpr std::size_t new_secret_bytes = 32;
constexpr std::size_t longest_file_bytes = 1024;

using Found = Result<std::optional<Secret>, std::string>;

Secret new_secret()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no secret
    std::string bytes(new_secret_bytes, '\0');
    ::randombytes_buf(bytes.data(), bytes.size());
    Secret text(jose::encode_base64url(bytes));
    ::sodium_memzero(bytes.data(), bytes.size());
    return text;
}

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

private:
    int fd_;
};

std::string failure(std::string_view doing, const std::string& path)
{
    const char* why = std::strerror(errno); // NOLINT(concurrency-mt-unsafe)
    return std::string("cannot ").append(doing).append(" ").append(path).append(": ").append(why);
}

/// Nothing: there is no such file.
Found read_secret(const std::string& path)
{
    const auto error = [](std::string sentence) {
        return Found(boost::system::in_place_error, std::move(sentence));
    };
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        return errno == ENOENT ? Found(std::nullopt) : error(failure("read", path));
    }

    struct stat facts{};

    if (::fstat(file.get(), &facts) != 0) return error(failure("look at", path));
    if (enforced("second_factor.key_file_mode") && (facts.st_mode & 037U) != 0) {
        return error(path + " may be used by others than its owner; run: chmod 600 " + path);
    }
    std::array<char, longest_file_bytes> text{};
    const auto got = ::read(file.get(), text.data(), text.size());
    if (got < 0) return error(failure("read", path));
    std::string_view secret(text.data(), static_cast<std::size_t>(got));
    while (secret.ends_with('\n') || secret.ends_with('\r')) secret.remove_suffix(1);
    return Found(Secret(std::string(secret)));
}

/// Makes the file with its content in one step, unless it is there: link() replaces nothing. It is
/// on the disk when this returns, for what is sealed under it will be.
Result<void, std::string> make_secret(const std::string& path)
{
    std::string temporary = path + ".new-XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // made with mode 0600
    if (file.get() < 0) return {boost::system::in_place_error, failure("make", path)};
    const auto secret = new_secret();
    const std::string line = std::string(secret.reveal()) + "\n";
    bool is_there =
        ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(file.get()) == 0 &&
        (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int why = errno;
    ::unlink(temporary.c_str());
    const auto folder = std::filesystem::path(path).parent_path();
    const Descriptor place(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    errno = why;
    is_there = is_there && place.get() >= 0 && ::fsync(place.get()) == 0;
    if (!is_there) return {boost::system::in_place_error, failure("make", path)};
    return {};
}

std::vector<Secret> given_by(const config::Settings& settings)
{
    std::vector<Secret> given;
    if (!settings.second_factor.sealing_secret.empty()) {
        given.push_back(settings.second_factor.sealing_secret);
    }
    if (!settings.tokens.sealing_secret.empty()) given.push_back(settings.tokens.sealing_secret);
    const auto& previous = settings.tokens.sealing_secrets_previous;
    if (!given.empty()) given.insert(given.end(), previous.begin(), previous.end());
    return given;
}

} // namespace

SecondFactorSeal::SecondFactorSeal(const config::Settings& settings, FailureReport::Say complain)
    : report_(std::move(complain)),
      possible_(config::can_seal_totp(settings)),
      given_(given_by(settings))
{
    if (settings.store.starts_with(sqlite)) {
        file_ = settings.store.substr(sqlite.size()) + ".totp.key";
    } else if (possible_ && given_.empty()) {
        given_.push_back(new_secret()); // as long as what it seals
    }
}

Result<KeySeal, std::string> SecondFactorSeal::for_sealing() const
{
    auto seal = new_file_if_needed();
    if (!seal) report_.note("no second factor can be set up: " + seal.error());
    return seal;
}

Result<KeySeal, std::string> SecondFactorSeal::new_file_if_needed() const
{
    if (given_.empty() && !file_.empty()) {
        const auto found = read_secret(file_);
        if (!found) return {boost::system::in_place_error, found.error()};
        if (!*found) {
            if (auto made = make_secret(file_); !made) {
                return {boost::system::in_place_error, made.error()};
            }
        }
    }
    return for_opening();
}

Result<KeySeal, std::string> SecondFactorSeal::for_opening() const
{
    const std::scoped_lock lock(mutex_);
    if (made_) return *made_;
    auto seal = with_file();
    if (seal) made_ = *seal;
    return seal;
}

std::optional<KeySeal::Opened> SecondFactorSeal::open(std::string_view user_id,
                                                      std::string_view sealed) const
{
    const auto cannot = [&](std::string_view why) {
        std::string sentence("the second factor of user ");
        report_.note(sentence.append(user_id).append(" cannot be opened: ").append(why));
    };
    const auto seal = for_opening();
    if (!seal) {
        cannot(seal.error());
        return std::nullopt;
    }
    auto opened = seal->open(sealed, name_of(user_id));
    if (!opened) {
        const bool other = opened.error() == SealError::other_secret;
        cannot(other ? "it was sealed under a secret that this gateway does not have"
                     : to_string(opened.error()));
        return std::nullopt;
    }
    return *std::move(opened);
}

Result<KeySeal, std::string> SecondFactorSeal::with_file() const
{
    auto all = given_;
    if (!file_.empty()) {
        auto found = read_secret(file_);
        if (!found) return {boost::system::in_place_error, found.error()};
        if (auto& secret = *found) all.push_back(*std::move(secret));
    }
    if (all.empty()) {
        return {boost::system::in_place_error,
                std::string("there is nothing to seal second factors under")};
    }
    auto seal = KeySeal::make(all.front(), {all.begin() + 1, all.end()});
    if (!seal) return {boost::system::in_place_error, seal.error().message};
    return *std::move(seal);
}

std::string SecondFactorSeal::name_of(std::string_view user_id)
{
    return std::string("totp:").append(user_id);
}

} // namespace gatehouse::auth
