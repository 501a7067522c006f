// Trace context and baggage: what is read is what the standards allow, judged by rules written
// anew, and however a list is spread over lines, the answer is the same.
#include "gateway/headers/trace.hpp"
#include "gateway/headers/trace_fields.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <regex>
#include <string>
#include <vector>

using namespace gatehouse::gateway;

namespace {

void check_traceparent(const std::string& text)
{
    static const std::regex grammar(
        "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    const auto read = read_traceparent(text);
    const bool later = text.size() > 55 && text[55] == '-' && !text.starts_with("00");
    const bool whole = text.size() == 55 || later;
    const bool expected = whole && std::regex_match(text.substr(0, 55), grammar);
    must(read.has_value() == expected, "the grammar of traceparent");
    if (!read) return;
    char room[128];
    HeadWriter out{room};
    write_traceparent(out, *read, text);
    must(!out.overflowed() || read->as_it_came, "what is written anew is short");
    const auto line = std::string{out.written()};
    must(line.find(std::string{read->trace_id}) != line.npos, "the trace goes on");
}

std::vector<Field> one_line(std::string_view name, std::string_view value)
{
    return {
        {name, value}
    };
}

/// The same list, each part between two commas in a line of its own.
std::vector<Field> many_lines(std::string_view name, std::string_view value)
{
    std::vector<Field> fields;
    for (;;) {
        const auto comma = value.find(',');
        fields.push_back({name, value.substr(0, comma)});
        if (comma == value.npos) return fields;
        value.remove_prefix(comma + 1);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{reinterpret_cast<const char*>(data), size};
    if (size < 200) check_traceparent(text);
    must(is_valid_tracestate(one_line("tracestate", text)) ==
             is_valid_tracestate(many_lines("tracestate", text)),
         "one tracestate over several lines");
    const bool baggage = is_valid_baggage(one_line("baggage", text));
    must(!baggage || size <= most_baggage_bytes, "the size of baggage");
    must(!baggage || is_valid_baggage(many_lines("baggage", text)), "baggage over several lines");
    must(!is_valid_baggage(one_line("baggage", text + ",")), "no empty member");
    return 0;
}
