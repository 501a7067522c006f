// Replies of Redis: the verdict does not depend on how the bytes were cut; nothing that is accepted
// is larger than the limits; written again it is read the same.
#include "auth/redis/reply_reader.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <cstdint>

using namespace gatehouse;
using namespace gatehouse::auth::redis;

namespace {

using Kind = Reply::Kind;

// Small, so that the fuzzer reaches them.
constexpr ReplyLimits limits{
    .line_bytes = 40, .text_bytes = 50, .bytes = 300, .items = 20, .depth = 4};

struct Verdict {
    std::vector<Reply> replies;
    std::optional<ReplyError> error;
    bool is_amid = false;

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

Verdict read(std::string_view bytes, std::size_t step)
{
    Verdict verdict;
    ReplyReader reader(limits);
    while (!bytes.empty() && !verdict.error) {
        auto piece = bytes.substr(0, step);
        const auto offered = piece.size();
        auto reply = reader.take(piece);
        if (!reply) {
            verdict.error = reply.error();
            continue;
        }
        must(*reply || piece.empty(), "it takes everything, or brings a reply");
        must(piece.size() < offered, "it goes on");
        bytes.remove_prefix(offered - piece.size());
        if (*reply) verdict.replies.push_back(std::move(**reply));
    }
    verdict.is_amid = !verdict.error && reader.is_amid_reply();
    return verdict;
}

struct Size {
    std::size_t items = 0;
    std::size_t bytes = 0;
    std::size_t depth = 0;
};

Size size_of(const Reply& reply)
{
    Size size{.items = reply.items.size(), .bytes = reply.text.size()};
    const auto kind = reply.kind;
    const bool is_list =
        kind == Kind::list || kind == Kind::map || kind == Kind::set || kind == Kind::push;
    must(is_list || reply.items.empty(), "only lists have items");
    must(kind != Kind::map || reply.items.size() % 2 == 0, "a map is pairs");
    for (const auto& item : reply.items) {
        must(!item.is(Kind::push), "a push stands alone");
        const auto inner = size_of(item);
        size.items += inner.items;
        size.bytes += inner.bytes;
        size.depth = std::max(size.depth, inner.depth);
    }
    if (is_list) ++size.depth;
    return size;
}

void write(std::string& out, const Reply& reply)
{
    const auto lengthy = [&](char type, std::size_t length) {
        out.append(1, type).append(std::to_string(length)).append("\r\n");
    };
    switch (reply.kind) {
    case Kind::null:
        out += "_\r\n";
        break;
    case Kind::boolean:
        out += reply.integer != 0 ? "#t\r\n" : "#f\r\n";
        break;
    case Kind::integer:
        out.append(":").append(std::to_string(reply.integer)).append("\r\n");
        break;
    // A big number of one short line could be a double, and both have this kind.
    case Kind::number:
        out.append(",").append(reply.text).append("\r\n");
        break;
    case Kind::text:
    case Kind::error:
        lengthy(reply.is(Kind::text) ? '$' : '!', reply.text.size());
        out.append(reply.text).append("\r\n");
        break;
    case Kind::list:
        lengthy('*', reply.items.size());
        break;
    case Kind::set:
        lengthy('~', reply.items.size());
        break;
    case Kind::map:
        lengthy('%', reply.items.size() / 2);
        break;
    case Kind::push:
        lengthy('>', reply.items.size());
        break;
    }
    for (const auto& item : reply.items) write(out, item);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::vector<char> copy(data + 1, data + size); // where ASan sees its end
    const std::string_view bytes(copy.data(), copy.size());
    const auto at_once = read(bytes, bytes.size());
    must(read(bytes, 1) == at_once, "byte by byte");
    must(read(bytes, 1 + data[0] % 16U) == at_once, "however it was cut");

    for (const auto& reply : at_once.replies) {
        const auto total = size_of(reply);
        must(total.items <= limits.items, "few items");
        must(total.bytes <= limits.bytes, "few bytes");
        must(total.depth <= limits.depth, "not deep");

        std::string again;
        write(again, reply);
        ReplyReader roomy; // a text has a longer spelling than a line
        std::string_view rest = again;
        const auto reread = roomy.take(rest);
        must(reread && *reread && rest.empty(), "our own writing is a reply");
        must(**reread == reply, "and reads the same");
    }
    return 0;
}
