#include "gateway/net/passed_sockets.hpp"

#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace gatehouse::gateway {
namespace {

using Control = std::array<char, CMSG_SPACE(most_passed_at_once * sizeof(int))>;

void take_descriptors(const cmsghdr& header, std::vector<FileDescriptor>& into)
{
    if (header.cmsg_level != SOL_SOCKET || header.cmsg_type != SCM_RIGHTS) return;
    const auto* data = CMSG_DATA(&header);
    const auto bytes = header.cmsg_len - CMSG_LEN(0);
    for (std::size_t at = 0; at + sizeof(int) <= bytes; at += sizeof(int)) {
        int fd = -1;
        std::memcpy(&fd, data + at, sizeof fd);
        into.emplace_back(fd);
    }
}

} // namespace

bool pass(int socket, std::string_view text, std::span<const int> descriptors)
{
    assert(descriptors.size() <= most_passed_at_once && !text.empty());
    alignas(cmsghdr) Control control{};
    iovec piece{const_cast<char*>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        auto* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    const auto sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(text.size());
}

Reading read_passed(int socket, Passed& into)
{
    alignas(cmsghdr) Control control{};
    std::array<char, 4096> text{};
    iovec piece{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = -1;
    do {
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return Reading::failed;
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        take_descriptors(*header, into.descriptors);
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0) into.complete = false;
    if (got == 0) return Reading::ended;
    into.text.append(text.data(), static_cast<std::size_t>(got));
    return Reading::more;
}

} // namespace gatehouse::gateway
