#include "auth/accounts/password_hasher.hpp"

#include "auth/accounts/argon2d.hpp"
#include "auth/accounts/hash_share.hpp"
#include "auth/accounts/stored_hash.hpp"
#include "config/basics/enforced.hpp"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::auth {

namespace {

constexpr std::size_t bcrypt_longest = 72; // bytes; bcrypt ignores the rest
constexpr std::uint64_t bcrypt_memory_bytes = std::uint64_t{64} * 1024;

/// crypt_r's working memory (32 KiB), where copies of the password stay behind.
struct CryptMemory {
    CryptMemory() = default;
    CryptMemory(const CryptMemory&) = delete;
    CryptMemory& operator=(const CryptMemory&) = delete;

    ~CryptMemory() { sodium_memzero(&data, sizeof data); }

    crypt_data data{};
};

/// Empty: crypt_r could not.
std::string bcrypt(std::string_view password, const std::string& setting)
{
    const auto memory = std::make_unique<CryptMemory>();
    std::string terminated(password);
    const char* hash = crypt_r(terminated.c_str(), setting.c_str(), &memory->data);
    sodium_memzero(terminated.data(), terminated.size());
    return hash == nullptr || hash[0] == '*' ? std::string() : std::string(hash);
}

bool fits_bcrypt(std::string_view password) noexcept
{
    return password.size() <= bcrypt_longest && password.find('\0') == std::string_view::npos;
}

std::string bcrypt_setting(std::uint32_t cost)
{
    std::array<char, 16> salt{};
    randombytes_buf(salt.data(), salt.size());
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    if (crypt_gensalt_rn("$2b$", cost, salt.data(), static_cast<int>(salt.size()), setting.data(),
                         static_cast<int>(setting.size())) == nullptr) {
        std::abort(); // the settings allow only costs bcrypt knows
    }
    return setting.data();
}

std::string random_base64(std::size_t bytes)
{
    std::array<unsigned char, 64> random{};
    randombytes_buf(random.data(), bytes);
    std::array<char, 128> text{};
    sodium_bin2base64(text.data(), text.size(), random.data(), bytes,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return text.data();
}

/// Looks like a hash of these settings and is a random number: no password has it, and checking
/// one against it costs what checking any other costs.
std::string hash_of_nobody(const config::PasswordSettings& settings)
{
    if (settings.hash == config::PasswordHash::bcrypt) {
        auto tail = random_base64(24).substr(0, 31);
        std::replace(tail.begin(), tail.end(), '+', '.');
        return bcrypt_setting(settings.bcrypt_cost) + tail;
    }
    return "$argon2id$v=19$m=" + std::to_string(settings.argon2_memory_bytes / 1024) +
           ",t=" + std::to_string(settings.argon2_passes) + ",p=1$" + random_base64(16) + '$' +
           random_base64(32);
}

config::PasswordSettings started(const config::PasswordSettings& settings)
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no salt
    return settings;
}

Result<bool, HashError> verify_argon2d(const StoredHash& stored, std::string_view password)
{
    const auto matches = matches_argon2d(stored, password);
    if (!matches) return HashError::overloaded;
    return *matches;
}

/// One of the two that libsodium knows.
Result<bool, HashError> verify_argon2(const std::string& stored, std::string_view password)
{
    errno = 0;
    if (crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0) {
        return true;
    }
    if (errno == ENOMEM) return HashError::overloaded;
    return false;
}

bool verify_bcrypt(const std::string& stored, std::string_view password)
{
    const bool fits = fits_bcrypt(password);
    // The hash is computed anyway, so that a password which cannot match costs the same.
    const auto computed = bcrypt(password.substr(0, bcrypt_longest), stored);
    if (enforced("passwords.bcrypt_whole") && !fits) return false;
    // What stands before the digest is the setting that went in; some programs wrote its unused
    // bits, crypt_r clears them.
    constexpr std::size_t digest = 29;
    return computed.size() == stored.size() &&
           sodium_memcmp(computed.data() + digest, stored.data() + digest,
                         stored.size() - digest) == 0;
}

using Bytes = std::array<unsigned char, 64>;

/// The bytes of base64 without padding, in the front of `out`; how many.
std::size_t decode_base64(std::string_view text, Bytes& out)
{
    std::size_t size = 0;
    if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
        return 0;
    }
    return size;
}

Result<bool, HashError> verify_scrypt(const StoredHash& stored, std::string_view password)
{
    Bytes salt{};
    Bytes expected{};
    Bytes computed{};
    const auto salt_size = decode_base64(stored.salt, salt);
    const auto size = decode_base64(stored.hash, expected);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    const auto* bytes = reinterpret_cast<const unsigned char*>(password.data());
    if (crypto_pwhash_scryptsalsa208sha256_ll(bytes, password.size(), salt.data(), salt_size,
                                              std::uint64_t{1} << stored.cost, stored.block_size,
                                              stored.lanes, computed.data(), size) != 0) {
        return HashError::overloaded; // the machine has no memory left
    }
    return size > 0 && sodium_memcmp(computed.data(), expected.data(), size) == 0;
}

Result<std::string, HashError> argon2(std::string_view password,
                                      const config::PasswordSettings& settings)
{
    std::array<char, crypto_pwhash_argon2id_STRBYTES> text{};
    if (crypto_pwhash_argon2id_str(text.data(), password.data(), password.size(),
                                   settings.argon2_passes, settings.argon2_memory_bytes) != 0) {
        return HashError::overloaded; // the machine has no memory left
    }
    return std::string(text.data());
}

/// All that hashes in flight may take together, and so the most that one may.
std::uint64_t most_memory(const config::PasswordSettings& settings) noexcept
{
    return std::max(settings.memory_bytes, settings.argon2_memory_bytes);
}

} // namespace

/// What takes long, and nothing else: whoever gives way must hold nothing others wait for.
class PasswordHasher::Computation {
public:
    explicit Computation(PasswordHasher& hasher) noexcept : hasher_(hasher)
    {
        hasher_.computations_.fetch_add(1, std::memory_order_relaxed);
        hasher_.running_.fetch_add(1, std::memory_order_relaxed);
    }

    Computation(const Computation&) = delete;
    Computation& operator=(const Computation&) = delete;

    ~Computation()
    {
        hasher_.running_.fetch_sub(1, std::memory_order_relaxed);
        hasher_.took_.add(so_far());
    }

    template <class Work>
    std::invoke_result_t<Work&> run(Work work)
    {
        const auto judge = [&](const Progress& progress) {
            if (!progress.has_ended && progress.took < first_judgement) return;
            const auto took = progress.took / hashes_on_a_core();
            hasher_.share_.store(next_share(progress.kept, progress.used, took),
                                 std::memory_order_relaxed);
        };
        try {
            return in_background(hasher_.share_.load(std::memory_order_relaxed), work, judge);
        } catch (const std::system_error&) {
            return HashError::overloaded; // the machine has no threads left
        }
    }

private:
    /// That run now; at least 1.
    [[nodiscard]] std::uint64_t hashes_on_a_core() const noexcept
    {
        static const auto cores = std::max(1U, std::thread::hardware_concurrency());
        return std::max<std::uint64_t>(1, hasher_.running_.load(std::memory_order_relaxed) / cores);
    }

    [[nodiscard]] std::chrono::nanoseconds so_far() const noexcept
    {
        return std::chrono::steady_clock::now() - began_;
    }

    PasswordHasher& hasher_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

PasswordHasher::Load PasswordHasher::load() const
{
    return {budget_.use(), running_.load(std::memory_order_relaxed), took_.counts()};
}

PasswordHasher::Terms::Terms(const config::PasswordSettings& chosen)
    : settings(started(chosen)),
      nobody(hash_of_nobody(chosen))
{
}

PasswordHasher::PasswordHasher(const config::PasswordSettings& settings)
    : terms_(std::make_shared<const Terms>(settings)),
      budget_(most_memory(settings), settings.queue, settings.deadline)
{
}

void PasswordHasher::use(const config::PasswordSettings& settings)
{
    auto next = std::make_shared<const Terms>(settings);
    {
        const std::lock_guard lock(mutex_);
        terms_.swap(next);
    }
    budget_.use(most_memory(settings), settings.queue, settings.deadline);
}

std::shared_ptr<const PasswordHasher::Terms> PasswordHasher::terms() const
{
    const std::lock_guard lock(mutex_);
    return terms_;
}

Result<std::string, HashError> PasswordHasher::hash(std::string_view password,
                                                    const HashPlace& place)
{
    const auto terms = this->terms();
    const auto& settings = terms->settings;
    const bool is_bcrypt = settings.hash == config::PasswordHash::bcrypt;
    if (enforced("passwords.bcrypt_limit") && is_bcrypt && !fits_bcrypt(password)) {
        return HashError::unsupported;
    }
    const auto loan =
        budget_.borrow(is_bcrypt ? bcrypt_memory_bytes : settings.argon2_memory_bytes, place);
    if (!loan) return HashError::overloaded;
    return Computation(*this).run([&]() -> Result<std::string, HashError> {
        if (!is_bcrypt) return argon2(password, settings);
        auto hash = bcrypt(password, bcrypt_setting(settings.bcrypt_cost));
        if (hash.empty()) return HashError::overloaded;
        return hash;
    });
}

Result<bool, HashError> PasswordHasher::verify(std::string_view stored, std::string_view password,
                                               const HashPlace& place)
{
    const auto parsed = read_stored_hash(stored);
    const bool usable = parsed && (!enforced("passwords.affordable_hash") ||
                                   too_dear(*parsed, most_memory(terms()->settings)).empty());
    if (!usable) {
        const auto nobody = verify_nobody(password, place);
        if (!nobody) return nobody.error();
        return false;
    }
    return compute(stored, password, place);
}

Result<void, HashError> PasswordHasher::verify_nobody(std::string_view password,
                                                      const HashPlace& place)
{
    const auto computed = compute(terms()->nobody, password, place);
    if (!computed) return computed.error();
    return {};
}

Result<bool, HashError> PasswordHasher::compute(std::string_view stored, std::string_view password,
                                                const HashPlace& place)
{
    const auto parsed = read_stored_hash(stored);
    if (!parsed) return false;
    const auto loan = budget_.borrow(parsed->memory_bytes, place);
    if (!loan) return HashError::overloaded;
    const std::string terminated(stored);
    return Computation(*this).run([&]() -> Result<bool, HashError> {
        switch (parsed->kind) {
        case StoredHash::Kind::bcrypt:
            return verify_bcrypt(terminated, password);
        case StoredHash::Kind::scrypt:
            return verify_scrypt(*parsed, password);
        case StoredHash::Kind::argon2d:
            return verify_argon2d(*parsed, password);
        case StoredHash::Kind::argon2id:
        case StoredHash::Kind::argon2i:
            return verify_argon2(terminated, password);
        }
        return false;
    });
}

std::string PasswordHasher::why_unusable(std::string_view stored) const
{
    const auto parsed = read_stored_hash(stored);
    if (!parsed) {
        return "is no hash that can be verified ($2a$, $2b$, $2y$, $scrypt$; with v=19 $argon2id$, "
               "$argon2i$, $argon2d$)";
    }
    return std::string(too_dear(*parsed, most_memory(terms()->settings)));
}

bool PasswordHasher::needs_rehash(std::string_view stored) const
{
    const auto parsed = read_stored_hash(stored);
    if (!parsed) return true;
    const auto terms = this->terms();
    const auto& settings = terms->settings;
    if (settings.hash == config::PasswordHash::bcrypt) {
        return parsed->kind != StoredHash::Kind::bcrypt || parsed->cost != settings.bcrypt_cost;
    }
    return parsed->kind != StoredHash::Kind::argon2id ||
           parsed->memory_bytes != settings.argon2_memory_bytes / 1024 * 1024 ||
           parsed->passes != settings.argon2_passes || parsed->lanes != 1;
}

std::string_view to_string(HashError error) noexcept
{
    switch (error) {
    case HashError::overloaded:
        return "overloaded";
    case HashError::unsupported:
        return "unsupported";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, HashError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::auth
