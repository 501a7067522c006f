// What clients say of encodings, and what answers say that may be packed: lines of `name: value`.
#include "gateway/compress/accept_encoding.hpp"

#include "gateway/compress/compressible.hpp"
#include "gateway/compress/encoded_head.hpp"
#include "gateway/http/field_syntax.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::gateway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::vector<Field> request{
        {"Accept-Encoding", text}
    };
    const std::vector<std::string> offered{"br", "gzip"};
    const auto coding = chosen_coding(request, offered);
    must(coding != ContentCoding::zstd, "only what is offered is chosen");
    if (coding) {
        std::string folded = text;
        std::ranges::transform(folded, folded.begin(), lower);
        const bool is_named = folded.find(to_string(*coding)) != std::string::npos ||
                              folded.find('*') != std::string::npos;
        must(is_named, "what is chosen was named");
        request.push_back({"accept-encoding", "gzip;q=2"});
        must(!chosen_coding(request, offered), "a part that cannot be read spoils all");
    }

    ResponseHead answer;
    answer.status = 200;
    answer.fields = {
        {"Content-Type", text},
        {"ETag",         text}
    };
    answer.framing = {BodyKind::chunked, 0};
    (void)is_compressible(answer, config::RouteCompressionSettings{});
    answer.fields.push_back({"Cache-Control", "no-transform"});
    must(!is_compressible(answer, config::RouteCompressionSettings{}), "no-transform is obeyed");
    answer.fields.push_back({"Vary", text});
    (void)varies_by_coding(answer.fields);
    std::string etag;
    let_go_of_bytes(answer, etag);
    for (const auto& field : answer.fields)
        must(field.name != "ETag" || !field.value.starts_with('"'), "no strong ETag is left");
    return 0;
}
