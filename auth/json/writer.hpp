#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::auth::json {

/// Appends `text` as a JSON string with its quotes. Controls, `"` and `\` are escaped, and so are
/// U+007F, U+2028 and U+2029, for logs and scripts read this too; bytes that are not UTF-8 become
/// U+FFFD, so the result is always valid JSON.
void append_string(std::string& out, std::string_view text);

/// The most that write_string() makes of `size` bytes: `\u00xx` of each, and the quotes.
[[nodiscard]] constexpr std::size_t most_string_bytes(std::size_t size) noexcept
{
    return 6 * size + 2;
}

/// What append_string() appends, written to where the caller has made room for
/// most_string_bytes(). Returns the end of it.
[[nodiscard]] char* write_string(char* out, std::string_view text) noexcept;

/// The same as a value of its own.
[[nodiscard]] std::string quote(std::string_view text);

/// Writes one object or array member after member; commas are its business, nesting the caller's:
/// `Writer w(out); w.begin_object(); w.member("status", 401); w.end_object();`
class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    void begin_object() { open('{'); }

    void end_object() { close('}'); }

    void begin_array() { open('['); }

    void end_array() { close(']'); }

    void name(std::string_view name);
    void string(std::string_view value);
    void integer(std::int64_t value);
    void boolean(bool value);
    void null();

    void member(std::string_view n, std::string_view value) { name(n), string(value); }

    void member(std::string_view n, std::int64_t value) { name(n), integer(value); }

private:
    void open(char bracket);
    void close(char bracket);
    void separate();

    std::string& out_;
    bool first_ = true; // nothing stands yet where a comma would go
};

} // namespace gatehouse::auth::json
