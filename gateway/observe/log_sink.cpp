#include "gateway/observe/log_sink.hpp"

#include <climits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// A pipe that polls writable takes PIPE_BUF bytes at once; more could block for ever.
std::size_t piece_bytes_of(int descriptor) noexcept
{
    constexpr std::size_t piece_of_a_file = 256 * 1024;
    struct stat facts{};
    const bool file = fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
    return file ? piece_of_a_file : PIPE_BUF;
}

/// Not blocking, for a pipe by name would wait for its reader.
Result<FileDescriptor, std::string> open_file(const std::string& name)
{
    constexpr mode_t owner_and_group = 0640;
    FileDescriptor opened(::open(name.c_str(),
                                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                                 owner_and_group));
    if (opened.is_open()) return opened;
    return name + ": " + std::generic_category().message(errno);
}

} // namespace

LogSink::LogSink(int descriptor) : descriptor_(descriptor), piece_bytes_(piece_bytes_of(descriptor))
{
}

LogSink::LogSink(FileDescriptor opened, std::string file)
    : owned_(std::move(opened)),
      descriptor_(owned_.get()),
      file_(std::move(file)),
      piece_bytes_(piece_bytes_of(descriptor_))
{
}

Result<LogSink, std::string> LogSink::open(const config::LogSettings& settings)
{
    if (settings.file.empty()) {
        const bool error = settings.output == config::LogOutput::standard_error;
        return LogSink(error ? STDERR_FILENO : STDOUT_FILENO);
    }
    auto opened = open_file(settings.file);
    if (!opened) return "log.file: " + opened.error();
    return LogSink(std::move(*opened), settings.file);
}

Result<void, std::string> LogSink::reopen()
{
    if (file_.empty()) return boost::system::in_place_value;
    auto opened = open_file(file_);
    if (!opened) return opened.error();
    owned_ = std::move(*opened);
    descriptor_ = owned_.get();
    piece_bytes_ = piece_bytes_of(descriptor_);
    return boost::system::in_place_value;
}

} // namespace gatehouse::gateway
