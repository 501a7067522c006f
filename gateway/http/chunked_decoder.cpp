#include "gateway/http/chunked_decoder.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/chunk_extension.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/trailer_rules.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t max_size_digits = 16; // of 64 bits: more could overflow
constexpr std::size_t max_extension_bytes = 256;
/// Over the whole body: one-byte chunks must not carry 256 bytes of nothing each.
constexpr std::size_t max_extension_bytes_of_body = 16 * 1024;
constexpr std::size_t max_trailer_bytes = 8 * 1024;

constexpr std::string_view crlf = "\r\n";

int hex_value(char c) noexcept
{
    if (is_digit(c)) return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::size_t leading_hex_digits(std::string_view text) noexcept
{
    const auto* const end =
        std::find_if(text.begin(), text.end(), [](char c) { return hex_value(c) < 0; });
    return static_cast<std::size_t>(end - text.begin());
}

std::uint64_t hex_number(std::string_view digits) noexcept
{
    std::uint64_t number = 0;
    for (const char c : digits) number = number * 16 + static_cast<std::uint64_t>(hex_value(c));
    return number;
}

} // namespace

void ChunkedDecoder::reset(std::string_view own_names)
{
    state_ = State::size_line;
    left_ = 0;
    extension_bytes_ = 0;
    trailer_bytes_ = 0;
    own_names_ = own_names;
    line_.reset();
    partial_.clear();
    kept_.clear();
    kept_trailers_.clear();
    trailers_.clear();
}

Result<ChunkedDecoder::Step, ParseError> ChunkedDecoder::step(std::string_view bytes)
{
    Step step;
    while (step.consumed < bytes.size() && !done()) {
        const auto rest = bytes.substr(step.consumed);
        if (state_ == State::data) {
            step.data = rest.substr(0, std::min<std::uint64_t>(left_, rest.size()));
            step.consumed += step.data.size();
            left_ -= step.data.size();
            if (left_ == 0) state_ = State::data_cr;
            return step;
        }
        const auto taken = state_ == State::size_line      ? take_size_line(rest)
                           : state_ == State::trailer_line ? take_trailer_line(rest)
                                                           : take_line_end(rest.front());
        if (!taken) return taken.error();
        step.consumed += *taken;
    }
    return step;
}

Result<std::size_t, ParseError> ChunkedDecoder::take_size_line(std::string_view bytes)
{
    const auto taken =
        take_line(bytes, max_size_digits + max_extension_bytes, ParseError::bad_chunk_extension);
    if (!taken || !line_) return taken;

    const auto digits = leading_hex_digits(*line_);
    if (enforced("http.chunk_size") && (digits == 0 || digits > max_size_digits)) {
        return ParseError::bad_chunk; // R4
    }
    const auto extensions = line_->substr(digits);
    if (enforced("http.chunk_extension") && !is_chunk_extensions(extensions)) {
        return ParseError::bad_chunk_extension;
    }
    extension_bytes_ += extensions.size();
    if (enforced("http.chunk_extension_bytes") && extension_bytes_ > max_extension_bytes_of_body) {
        return ParseError::bad_chunk_extension;
    }
    left_ = hex_number(line_->substr(0, digits));
    state_ = left_ > 0 ? State::data : State::trailer_line;
    return taken;
}

/// The CRLF behind the data of a chunk.
Result<std::size_t, ParseError> ChunkedDecoder::take_line_end(char byte)
{
    const bool cr = state_ == State::data_cr;
    if (enforced("http.chunk_end") && byte != (cr ? '\r' : '\n')) return ParseError::bad_chunk;
    state_ = cr ? State::data_lf : State::size_line;
    return std::size_t{1};
}

Result<std::size_t, ParseError> ChunkedDecoder::take_trailer_line(std::string_view bytes)
{
    const auto taken =
        take_line(bytes, max_trailer_bytes - trailer_bytes_, ParseError::trailers_too_large);
    if (!taken || !line_) return taken;

    if (line_->empty()) {
        finish();
        return taken;
    }
    trailer_bytes_ += line_->size();
    if (const auto error = keep_trailer(*line_)) return *error;
    return taken;
}

Result<std::size_t, ParseError> ChunkedDecoder::take_line(std::string_view bytes, std::size_t limit,
                                                          ParseError too_long)
{
    if (line_) { // that was the line before
        line_.reset();
        partial_.clear();
    }
    const auto lf = bytes.find('\n');
    auto line = bytes.substr(0, lf == std::string_view::npos ? lf : lf + 1);
    if (enforced("http.chunk_line_bytes") && partial_.size() + line.size() > limit + crlf.size()) {
        return too_long;
    }
    const auto taken = line.size();
    if (lf == std::string_view::npos) {
        partial_.append(line);
        return taken;
    }
    if (!partial_.empty()) line = partial_.append(line);
    if (enforced("http.chunk_bare_lf") && !line.ends_with(crlf)) return ParseError::bare_lf;
    line_ = line.substr(0, line.size() - crlf.size());
    return taken;
}

std::optional<ParseError> ChunkedDecoder::keep_trailer(std::string_view line)
{
    const auto name = line.substr(0, line.find(':'));
    // A folded line, a space before the colon and a missing colon have no token in front.
    if (enforced("http.trailer_name") && (name.size() == line.size() || !is_token(name))) {
        return ParseError::bad_trailer;
    }
    const auto value = trimmed(line.substr(std::min(name.size() + 1, line.size())));
    if (enforced("http.trailer_value") && has_control(value)) return ParseError::bad_trailer;
    if (!may_be_trailer(name, own_names_)) return {};

    const auto begin = kept_.size();
    kept_.append(name).append(value);
    kept_trailers_.push_back({begin, begin + name.size(), kept_.size()});
    return {};
}

void ChunkedDecoder::finish()
{
    const std::string_view kept = kept_; // does not grow any more
    for (const auto& place : kept_trailers_) {
        trailers_.push_back({kept.substr(place.name, place.value - place.name),
                             kept.substr(place.value, place.end - place.value)});
    }
    state_ = State::done;
}

} // namespace gatehouse::gateway
