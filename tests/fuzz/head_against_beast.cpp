// Heads, read by the gateway and by Boost.Beast's parser: what the gateway accepts Beast accepts
// and reads the same, and a start line or field line that the gateway calls malformed Beast
// refuses.
#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::gateway;
namespace http = boost::beast::http;

namespace {

using View = boost::beast::string_view;
using Error = boost::beast::error_code;

/// A head as Beast understands it.
struct BeastHead {
    std::string first;  // method, or status
    std::string second; // target, or reason
    int version = 0;    // 10, 11
    std::vector<std::pair<std::string, std::string>> fields;
};

template <bool is_request>
class BeastReader final : public http::basic_parser<is_request> {
public:
    BeastReader()
    {
        this->skip(true);
        this->header_limit(std::numeric_limits<std::uint32_t>::max());
    }

    /// Nothing: refused, or not complete.
    std::optional<BeastHead> read(std::string_view bytes)
    {
        Error error;
        this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        if (error || !this->is_header_done()) return {};
        return head_;
    }

private:
    void on_request_impl(http::verb, View method, View target, int version, Error&) override
    {
        head_.first = std::string(method);
        head_.second = std::string(target);
        head_.version = version;
    }

    void on_response_impl(int status, View reason, int version, Error&) override
    {
        head_.first = std::to_string(status);
        head_.second = std::string(reason);
        head_.version = version;
    }

    void on_field_impl(http::field, View name, View value, Error&) override
    {
        head_.fields.emplace_back(name, value);
    }

    void on_header_impl(Error&) override {}

    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}

    std::size_t on_body_impl(View, Error&) override { return 0; }

    void on_chunk_header_impl(std::uint64_t, View, Error&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, View, Error&) override { return 0; }

    void on_finish_impl(Error&) override {}

    BeastHead head_;
};

template <class Head>
void compare(const BeastHead& beast, const Head& ours, std::string_view first,
             std::string_view second)
{
    must(beast.first == first && beast.second == second, "same start line");
    must(beast.version == (ours.version == Version::http_1_0 ? 10 : 11), "same version");
    must(beast.fields.size() == ours.fields.size(), "same number of fields");
    for (std::size_t i = 0; i < ours.fields.size(); ++i) {
        must(beast.fields[i].first == ours.fields[i].name, "same name");
        must(beast.fields[i].second == ours.fields[i].value, "same value");
    }
}

/// Where Beast is as strict as we are. In all else it forgives more, and MessageFacts and its
/// neighbours decide.
bool is_malformed_line(ParseError error)
{
    return error == ParseError::bad_start_line || error == ParseError::bad_field;
}

void read_requests(std::string_view bytes)
{
    RequestHead ours;
    RequestParser parser;
    const auto size = parser.parse(bytes, ours, {});
    auto skipped = bytes; // Beast forgives no empty line in front
    while (skipped.starts_with("\r\n")) skipped.remove_prefix(2);
    const auto beast = BeastReader<true>().read(skipped);
    if (!size) {
        must(!beast || !is_malformed_line(size.error()), "Beast finds the line malformed too");
    } else if (*size) {
        must(beast.has_value(), "Beast accepts the head");
        compare(*beast, ours, ours.method, ours.target);
    }
}

void read_responses(std::string_view bytes)
{
    ResponseHead ours;
    ResponseParser parser;
    const auto size = parser.parse(bytes, ours, "GET", {});
    const auto beast = BeastReader<false>().read(bytes);
    if (!size) {
        must(!beast || !is_malformed_line(size.error()), "Beast finds the line malformed too");
        // An unread reason or status is one, whatever is said of its range.
        must(!beast || size.error() != ParseError::bad_status || ours.status < 100 ||
                 ours.status > 599,
             "Beast finds the status line malformed too");
    } else if (*size) {
        must(beast.has_value(), "Beast accepts the head");
        compare(*beast, ours, std::to_string(ours.status), ours.reason);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::vector<char> bytes(data + 1, data + size);
    const std::string_view whole(bytes.data(), bytes.size());
    if (data[0] % 2 == 0) {
        read_requests(whole);
    } else {
        read_responses(whole);
    }
    return 0;
}
