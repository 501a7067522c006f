#include "config/environment/read_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::config {
namespace {

FileProblem last_error()
{
    return FileProblem{"cannot be read: ", std::generic_category().message(errno)};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
    }

    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
};

[[nodiscard]] bool has_something(int file, std::chrono::milliseconds patience)
{
    pollfd one{file, POLLIN, 0};
    int ready = -1;
    do {
        ready = ::poll(&one, 1, static_cast<int>(patience.count()));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

} // namespace

Result<std::string, FileProblem> read_file(const std::string& path, std::size_t longest,
                                           std::chrono::milliseconds patience)
{
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.number() < 0) return last_error();
    std::string content;
    char block[16 * 1024];
    for (;;) {
        if (!has_something(file.number(), patience))
            return FileProblem{"cannot be read: ", "nobody writes to it"};
        const auto got = ::read(file.number(), block, sizeof block);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return last_error();
        if (got == 0) return content;
        content.append(block, static_cast<std::size_t>(got));
        if (content.size() > longest) {
            return FileProblem{"has more bytes than ", std::to_string(longest)};
        }
    }
}

} // namespace gatehouse::config
