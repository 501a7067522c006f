#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace gatehouse::gateway {

/// What libcurl fetches or carries for a thread that may wait, one thing at a time. Whatever it is,
/// certificates are verified, under TLS 1.2 or later; only the protocols that are named are spoken;
/// no redirect is followed, no proxy of the environment asked and no password looked up; it ends in
/// time, or when it is told to; and no signal is raised.
class Errand {
public:
    struct Terms {
        std::string url;
        std::string protocols; // as CURLOPT_PROTOCOLS_STR has them
        std::string ca;        // file; empty: the system's
        std::chrono::milliseconds timeout{};
    };

    /// What becomes of what is behind as much of an answer as may be kept.
    enum class Rest : std::uint8_t { is_left_out, ends_it };

    struct Outcome {
        CURLcode code = CURLE_ABORTED_BY_CALLBACK;
        unsigned status = 0; // the last that the server said; also where it came to nothing
        std::string why;     // it came to nothing
    };

    Errand();
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;
    ~Errand();

    /// Begins anew: whatever was told before is forgotten.
    void prepare(const Terms& terms);

    /// Anything else that libcurl can be told, after prepare().
    template <class Value>
    void set(CURLoption option, Value value) noexcept
    {
        if (easy_ != nullptr) curl_easy_setopt(easy_, option, value);
    }

    /// Keeps the next answer in `body`, up to `most` bytes. Otherwise none is kept.
    void keep_answer(std::string& body, std::size_t most, Rest rest) noexcept;

    /// Blocks until it is over. `give_up` is asked ten times a second.
    [[nodiscard]] Outcome run(const std::function<bool()>& give_up);

    /// What libcurl knows of the last one, once it came off.
    template <class Value>
    [[nodiscard]] Value told(CURLINFO what, Value unknown) const noexcept
    {
        Value value = unknown;
        return easy_ != nullptr && curl_easy_getinfo(easy_, what, &value) == CURLE_OK ? value
                                                                                      : unknown;
    }

    /// A header field of the last answer; null where it has none.
    [[nodiscard]] const char* field(const char* name) const noexcept;

private:
    struct Answer {
        std::string* body = nullptr;
        std::size_t most = 0;
        Rest rest = Rest::is_left_out;
    };

    static std::size_t take(char* bytes, std::size_t size, std::size_t count,
                            void* answer) noexcept;

    CURLM* multi_ = nullptr;
    CURL* easy_ = nullptr;
    Answer answer_;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

} // namespace gatehouse::gateway
