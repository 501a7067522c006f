#pragma once

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <memory>
#include <utility>

namespace gatehouse::gateway {

/// What the callbacks of a context need, owned by it: conversations keep their context alive for
/// longer than the settings it was made by.
template <class T>
class ContextData {
public:
    /// Throws without memory.
    static void give(SSL_CTX& context, std::shared_ptr<T> data)
    {
        auto kept = std::make_unique<std::shared_ptr<T>>(std::move(data));
        if (SSL_CTX_set_ex_data(&context, slot(), kept.get()) != 1) throw std::bad_alloc();
        (void)kept.release(); // free_it() has it
    }

    /// Null where there is none.
    static T* of(const SSL_CTX* context) noexcept
    {
        const auto* kept =
            static_cast<const std::shared_ptr<T>*>(SSL_CTX_get_ex_data(context, slot()));
        return kept == nullptr ? nullptr : kept->get();
    }

private:
    static int slot()
    {
        static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_it);
        return index;
    }

    static void free_it(void*, void* kept, CRYPTO_EX_DATA*, int, long, void*)
    {
        delete static_cast<std::shared_ptr<T>*>(kept);
    }
};

} // namespace gatehouse::gateway
