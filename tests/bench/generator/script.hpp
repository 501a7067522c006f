#pragma once

#include "tests/bench/message_reader.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bench {

/// What each connection sends next.
class Script {
public:
    virtual ~Script() = default;
    /// The bytes of the next request; they stay valid until the same connection asks again.
    virtual std::string_view next(std::size_t connection) = 0;

    /// The answer to what that connection sent last was a good one.
    virtual void answered(std::size_t, const MessageReader&) {}

    [[nodiscard]] virtual bool wants_bodies() const { return false; }

    /// How many of the lines it was given are used up.
    [[nodiscard]] virtual std::size_t lines_used() const { return 0; }
};

/// A file of lines, mapped into memory: tokens, names, whatever differs from request to request.
class Lines {
public:
    /// The first `count` lines of the file.
    Lines(const std::string& path, std::size_t count);
    ~Lines();
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    [[nodiscard]] std::size_t size() const { return lines_.size(); }

    [[nodiscard]] std::string_view operator[](std::size_t index) const { return lines_[index]; }

private:
    std::string_view mapped_;
    std::vector<std::string_view> lines_;
};

/// Always the same request.
std::unique_ptr<Script> repeat(std::string request);

/// The request with "{token}" replaced by one line after the other, from line `first` on and round
/// and round. Lines that stand in a body must be of one length, since Content-Length stays.
std::unique_ptr<Script> with_tokens(const std::string& request, std::shared_ptr<const Lines> lines,
                                    std::size_t first, std::size_t connections);

/// POST /auth/refresh-token with the token that the answer before brought; the first one of each
/// connection is a line of the file.
std::unique_ptr<Script> refreshing(std::shared_ptr<const Lines> lines, std::size_t first,
                                   std::size_t connections);

} // namespace gatehouse::bench
