#include "auth/store/redis/script.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace gatehouse::auth::redis {

namespace {

[[nodiscard]] std::string sha1_of(std::string_view text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        throw std::runtime_error("no SHA-1"); // at start: the scripts are made there
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (unsigned i = 0; i < size; ++i) {
        name += digits[digest[i] >> 4U];
        name += digits[digest[i] & 15U];
    }
    return name;
}

} // namespace

Script::Script(std::string text) : text_(std::move(text)), name_(sha1_of(text_)) {}

Result<Reply, Failure> Script::run(Pool& pool, const Words& keys, const Words& values,
                                   Pool::Again again) const
{
    Words words = {"EVALSHA", name_, std::to_string(keys.size())};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), values.begin(), values.end());
    auto answer = pool.ask_one(Commands().add_words(words), again);
    if (answer || answer.error().trouble != Trouble::no_script) return answer;
    words[0] = "EVAL";
    words[1] = text_;
    return pool.ask_one(Commands().add_words(words), again);
}

} // namespace gatehouse::auth::redis
