#include "auth/redis/commands.hpp"

#include <openssl/crypto.h>

namespace gatehouse::auth::redis {

Commands::~Commands()
{
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

Commands& Commands::add_words(std::span<const std::string> words)
{
    begin(words.size());
    for (const auto& text : words) word(text);
    ++answers_;
    return *this;
}

void Commands::begin(std::size_t words)
{
    bytes_.append("*").append(std::to_string(words)).append("\r\n");
}

// By length and never by quotes: whatever bytes a word has, it stays one word.
void Commands::word(std::string_view text)
{
    bytes_.append("$").append(std::to_string(text.size())).append("\r\n");
    bytes_.append(text).append("\r\n");
}

} // namespace gatehouse::auth::redis
