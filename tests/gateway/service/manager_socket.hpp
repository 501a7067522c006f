#pragma once

#include "gateway/net/file_descriptor.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>

namespace gatehouse::gateway::test {

/// The side of a service manager: a real unix datagram socket that tests read from.
class ManagerSocket {
public:
    enum class Kind { path, abstract };

    explicit ManagerSocket(Kind kind = Kind::path)
        : address_(fmt::format("{}gatehouse-notify-{}-{}", kind == Kind::path ? "/tmp/" : "@",
                               ::getpid(), count()++)),
          socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        std::memcpy(where.sun_path, address_.data(), address_.size());
        if (kind == Kind::abstract) where.sun_path[0] = '\0';
        const auto size = offsetof(sockaddr_un, sun_path) + address_.size();
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&where),
                         static_cast<socklen_t>(size)),
                  0);
    }

    ManagerSocket(const ManagerSocket&) = delete;
    ManagerSocket& operator=(const ManagerSocket&) = delete;

    ~ManagerSocket() { std::filesystem::remove(address_); }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    /// The next datagram; empty where none has come.
    [[nodiscard]] std::string heard() const
    {
        std::array<char, 8192> text{};
        const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
        return {text.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    }

private:
    static int& count()
    {
        static int made = 0;
        return made;
    }

    std::string address_;
    FileDescriptor socket_;
};

} // namespace gatehouse::gateway::test
