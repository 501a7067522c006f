#pragma once

// Included by request_parser.cpp and response_parser.cpp only: Beast's parser costs two seconds of
// compile time per file.

#include "gateway/http/message_facts.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace gatehouse::gateway {

namespace beast = boost::beast;

[[nodiscard]] inline std::string_view view(beast::string_view text) noexcept
{
    return {text.data(), text.size()};
}

/// Beast's parser over one complete head that records views and facts. It never sees a body: that
/// its ideas of framing are too generous (it reads `Transfer-Encoding: gzip` as "no body") does
/// not matter, for MessageFacts decides.
template <bool is_request, class Head>
class HeadReader : public beast::http::basic_parser<is_request> {
public:
    HeadReader(Head& head, MessageFacts& facts) : head_(head), facts_(facts)
    {
        this->skip(true);
        this->header_limit(std::numeric_limits<std::uint32_t>::max()); // HeadScanner has counted
        head_.fields.clear();
    }

    /// Reads `text`, one complete head.
    [[nodiscard]] beast::error_code read(std::string_view text)
    {
        beast::error_code error;
        this->put(boost::asio::const_buffer(text.data(), text.size()), error);
        return error;
    }

protected:
    [[nodiscard]] Head& head() noexcept { return head_; }

private:
    using Error = beast::error_code;
    using View = beast::string_view;

    void on_field_impl(beast::http::field name, View name_text, View value, Error&) override
    {
        const auto text = view(value);
        head_.fields.push_back({view(name_text), text});
        switch (name) {
        case beast::http::field::content_length:
            facts_.content_length.add(text);
            break;
        case beast::http::field::transfer_encoding:
            facts_.transfer_encoding.add(text);
            break;
        case beast::http::field::host:
            facts_.host.add(text);
            break;
        case beast::http::field::expect:
            facts_.expect.add(text);
            break;
        case beast::http::field::connection:
            facts_.add_connection(text);
            break;
        default:
            break;
        }
    }

    void on_request_impl(beast::http::verb, View, View, int, Error&) override {}

    void on_response_impl(int, View, int, Error&) override {}

    void on_header_impl(Error&) override {}

    void on_finish_impl(Error&) override {}

    // Never called: skip(true) ends the message with its head.
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}

    std::size_t on_body_impl(View, Error&) override { return 0; }

    void on_chunk_header_impl(std::uint64_t, View, Error&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, View, Error&) override { return 0; }

    Head& head_;
    MessageFacts& facts_;
};

/// What a refusal of Beast's parser means here.
[[nodiscard]] inline ParseError error_of(beast::error_code code, const MessageFacts& facts) noexcept
{
    using beast::http::error;
    if (code == error::bad_content_length || code == error::multiple_content_length) {
        return facts.transfer_encoding.count > 0 ? ParseError::length_and_encoding
                                                 : ParseError::bad_content_length;
    }
    if (code == error::bad_transfer_encoding) {
        return facts.content_length.count > 0 ? ParseError::length_and_encoding
                                              : ParseError::bad_transfer_encoding;
    }
    if (code == error::bad_version) return ParseError::bad_version;
    if (code == error::bad_target) return ParseError::bad_target;
    if (code == error::bad_status) return ParseError::bad_status;
    if (code == error::bad_method || code == error::bad_reason) return ParseError::bad_start_line;
    return ParseError::bad_field;
}

} // namespace gatehouse::gateway
