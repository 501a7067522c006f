#include "gateway/net/tls/tls_wire.hpp"

#include "gateway/net/tls/tls_session.hpp"

#include <openssl/bio.h>

#include <memory>

namespace gatehouse::gateway {
namespace {

struct FreeMethod {
    void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};

using Method = std::unique_ptr<BIO_METHOD, FreeMethod>;

/// Nothing is kept here, so there is nothing to flush; all other questions are about other kinds.
long control(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

Method make_method() noexcept
{
    Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "watched socket"));
    if (!method) return method;
    BIO_meth_set_read_ex(method.get(), &TlsWire::read);
    BIO_meth_set_write_ex(method.get(), &TlsWire::write);
    BIO_meth_set_ctrl(method.get(), &control);
    return method;
}

} // namespace

BIO* TlsWire::open(TlsSession& session) noexcept
{
    static const Method method = make_method();
    BIO* const bio = method ? BIO_new(method.get()) : nullptr;
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &session);
    BIO_set_init(bio, 1);
    return bio;
}

int TlsWire::read(BIO* bio, char* into, std::size_t size, std::size_t* count) noexcept
{
    BIO_clear_retry_flags(bio);
    auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    const int result = session.take_from_wire({into, size}, *count);
    if (result < 0) BIO_set_retry_read(bio);
    return result > 0 ? 1 : 0;
}

int TlsWire::write(BIO* bio, const char* records, std::size_t size, std::size_t* count) noexcept
{
    BIO_clear_retry_flags(bio);
    auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    const int result = session.give_to_wire({records, size}, *count);
    if (result < 0) BIO_set_retry_write(bio);
    return result > 0 ? 1 : 0;
}

} // namespace gatehouse::gateway
