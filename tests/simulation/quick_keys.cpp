// Reading a private key takes OpenSSL half a millisecond, and every process of a run reads the same
// few: here each is read once, and used by all. What comes out is what OpenSSL made of the text.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <dlfcn.h>

#include <cstddef>
#include <map>
#include <string>

namespace {

using Read = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

/// So many keys of runs that are over may stay behind.
constexpr std::size_t most_known = 256;

std::map<std::string, EVP_PKEY*>& known_keys()
{
    static std::map<std::string, EVP_PKEY*> known;
    return known;
}

} // namespace

/// Stands before OpenSSL's in this program: auth/jose/key.cpp asks it.
// NOLINTNEXTLINE(readability-identifier-naming): its name is given
extern "C" EVP_PKEY* PEM_read_bio_PrivateKey(BIO* source, EVP_PKEY** out, pem_password_cb* ask,
                                             void* about)
{
    static const auto read = reinterpret_cast<Read>(::dlsym(RTLD_NEXT, "PEM_read_bio_PrivateKey"));
    char* text = nullptr;
    const auto size = BIO_get_mem_data(source, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    auto& known = known_keys();
    const auto found = known.find(pem);
    if (found != known.end()) {
        EVP_PKEY_up_ref(found->second);
        return found->second;
    }
    EVP_PKEY* const key = read(source, out, ask, about);
    if (key == nullptr) return nullptr;
    if (known.size() >= most_known) {
        for (const auto& [each, kept] : known) EVP_PKEY_free(kept);
        known.clear();
    }
    EVP_PKEY_up_ref(key);
    known.emplace(std::move(pem), key);
    return key;
}
