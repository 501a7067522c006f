#include "tests/bench/generator/script.hpp"

#include "tests/bench/sockets.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::bench {

Lines::Lines(const std::string& path, std::size_t count)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat facts{};
    if (file < 0 || ::fstat(file, &facts) != 0) fail(path.c_str());
    const auto size = static_cast<std::size_t>(facts.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (start == MAP_FAILED) fail(path.c_str());
    ::close(file);
    mapped_ = {static_cast<const char*>(start), size};

    for (auto rest = mapped_; !rest.empty() && lines_.size() < count;) {
        const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
        lines_.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
}

Lines::~Lines()
{
    ::munmap(const_cast<char*>(mapped_.data()), mapped_.size());
}

namespace {

class Repeat final : public Script {
public:
    explicit Repeat(std::string request) : request_(std::move(request)) {}

    std::string_view next(std::size_t) override { return request_; }

private:
    std::string request_;
};

class WithTokens final : public Script {
public:
    WithTokens(const std::string& request, std::shared_ptr<const Lines> lines, std::size_t first,
               std::size_t connections)
        : lines_(std::move(lines)),
          first_(first),
          requests_(connections)
    {
        constexpr std::string_view placeholder = "{token}";
        const std::size_t place = request.find(placeholder);
        before_ = request.substr(0, place);
        after_ = request.substr(place + placeholder.size());
    }

    std::string_view next(std::size_t connection) override
    {
        std::string& request = requests_[connection];
        const std::string_view line = (*lines_)[(first_ + used_++) % lines_->size()];
        request.assign(before_).append(line).append(after_);
        return request;
    }

    [[nodiscard]] std::size_t lines_used() const override { return used_; }

private:
    std::shared_ptr<const Lines> lines_;
    std::size_t first_;
    std::size_t used_ = 0;
    std::string before_;
    std::string after_;
    std::vector<std::string> requests_; // by connection
};

/// Value of a member of a flat JSON object that needs no unescaping.
std::string_view member(std::string_view json, std::string_view name)
{
    const std::size_t key = json.find("\"" + std::string{name} + "\":\"");
    if (key == std::string_view::npos) return {};
    json.remove_prefix(key + name.size() + 4);
    return json.substr(0, json.find('"'));
}

class Refreshing final : public Script {
public:
    Refreshing(const Lines& lines, std::size_t first, std::size_t connections)
        : requests_(connections)
    {
        for (std::size_t i = 0; i < connections; ++i)
            tokens_.emplace_back(lines[(first + i) % lines.size()]);
    }

    std::string_view next(std::size_t connection) override
    {
        const std::string body = "{\"refreshToken\":\"" + tokens_[connection] + "\"}";
        requests_[connection] = "POST /auth/refresh-token HTTP/1.1\r\nHost: api.example.test\r\n"
                                "Content-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
        return requests_[connection];
    }

    void answered(std::size_t connection, const MessageReader& answer) override
    {
        tokens_[connection] = member(answer.body(), "refreshToken");
    }

    [[nodiscard]] bool wants_bodies() const override { return true; }

    [[nodiscard]] std::size_t lines_used() const override { return tokens_.size(); }

private:
    std::vector<std::string> tokens_;   // by connection
    std::vector<std::string> requests_; // by connection
};

} // namespace

std::unique_ptr<Script> repeat(std::string request)
{
    return std::make_unique<Repeat>(std::move(request));
}

std::unique_ptr<Script> with_tokens(const std::string& request, std::shared_ptr<const Lines> lines,
                                    std::size_t first, std::size_t connections)
{
    return std::make_unique<WithTokens>(request, std::move(lines), first, connections);
}

std::unique_ptr<Script> refreshing(std::shared_ptr<const Lines> lines, std::size_t first,
                                   std::size_t connections)
{
    return std::make_unique<Refreshing>(*lines, first, connections);
}

} // namespace gatehouse::bench
