#include "gateway/net/wire.hpp"

#include "gateway/net/watch.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace gatehouse::gateway {

namespace {

Transfer outcome(ssize_t result) noexcept
{
    if (result > 0) return {Transfer::State::moved, static_cast<std::size_t>(result)};
    if (result == 0) return {Transfer::State::ended, 0};
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {later ? Transfer::State::would_block : Transfer::State::failed, 0};
}

/// Copying so little costs less than the kernel's way through an array of pieces.
constexpr std::size_t copied_bytes = 4096;

ssize_t send_copied(int fd, std::span<const iovec> pieces, int flags) noexcept
{
    std::array<char, copied_bytes> all; // not cleared: only what is written is sent
    auto* end = all.data();
    for (const auto& piece : pieces) {
        std::memcpy(end, piece.iov_base, piece.iov_len);
        end += piece.iov_len;
    }
    return ::send(fd, all.data(), static_cast<std::size_t>(end - all.data()), flags);
}

ssize_t send_gathered(int fd, std::span<const iovec> pieces, int flags) noexcept
{
    if (pieces.size() == 1) return ::send(fd, pieces[0].iov_base, pieces[0].iov_len, flags);
    if (total_bytes(pieces) <= copied_bytes) return send_copied(fd, pieces, flags);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data()); // the kernel only reads them
    message.msg_iovlen = pieces.size();
    return ::sendmsg(fd, &message, flags);
}

} // namespace

Transfer receive(Watch& watch, std::span<char> into) noexcept
{
    auto& side = watch.reading;
    if (side.blocked) return {};
    const auto got = outcome(::recv(watch.native(), into.data(), into.size(), 0));
    side.blocked = got.state == Transfer::State::would_block;
    side.drained =
        got.state == Transfer::State::moved && got.bytes < into.size() && watch.tells_all_by_size();
    return got;
}

Transfer peek_received(Watch& watch, std::span<char> into) noexcept
{
    auto& side = watch.reading;
    if (side.blocked) return {};
    const auto got = outcome(::recv(watch.native(), into.data(), into.size(), MSG_PEEK));
    side.blocked = got.state == Transfer::State::would_block;
    return got;
}

Transfer drop_received(Watch& watch, std::size_t most) noexcept
{
    auto& side = watch.reading;
    if (side.blocked) return {};
    // Linux drops the bytes of a stream without copying them.
    const auto got = outcome(::recv(watch.native(), nullptr, most, MSG_TRUNC));
    side.blocked = got.state == Transfer::State::would_block;
    side.drained = false;
    return got;
}

Transfer send(Watch& watch, std::span<const iovec> pieces, int flags) noexcept
{
    if (watch.writing.blocked) return {};
    const auto sent = outcome(send_gathered(watch.native(), pieces, flags | MSG_NOSIGNAL));
    watch.writing.blocked = sent.state == Transfer::State::would_block;
    return sent;
}

std::size_t total_bytes(std::span<const iovec> pieces) noexcept
{
    std::size_t bytes = 0;
    for (const auto& piece : pieces) bytes += piece.iov_len;
    return bytes;
}

} // namespace gatehouse::gateway
