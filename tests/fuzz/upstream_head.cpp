// Forwarded heads: whatever head the parser accepts, what we write for the upstream is read back
// as one well-formed request whose identity, Host and framing are ours alone.
#include "gateway/headers/upstream_head.hpp"

#include "gateway/http/request_parser.hpp"
#include "gateway/routing/path.hpp"
#include "tests/fuzz/must.hpp"

#include <array>
#include <cstdint>
#include <string>

using namespace gatehouse;
using namespace gatehouse::gateway;

namespace {

config::Settings settings()
{
    config::Settings settings;
    settings.identity.header = "X-Remote-User";
    settings.identity.session_header = true;
    settings.identity.roles_header = true;
    return settings;
}

/// A name as the sloppiest backend reads it; written anew, so as not to share a mistake.
std::string as_backends_read(std::string_view name)
{
    std::string read;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        read += upper ? static_cast<char>(c + 32) : kept ? c : '-';
    }
    return read;
}

std::vector<std::string> values_of(const RequestHead& head, std::string_view name)
{
    std::vector<std::string> values;
    for (const auto& field : head.fields) {
        if (as_backends_read(field.name) == name) values.emplace_back(field.value);
    }
    return values;
}

void check(const RequestHead& sent, const RequestHead& seen, std::string_view target, bool known,
           bool trusted)
{
    using Values = std::vector<std::string>;
    must(seen.method == sent.method && seen.target == target, "the request line that was judged");
    must(values_of(seen, "x-remote-user") == (known ? Values{"ann"} : Values{}), "the identity");
    must(values_of(seen, "x-session-id") == (known ? Values{"s1"} : Values{}), "the session");
    must(values_of(seen, "x-user-roles") == (known ? Values{"a,b"} : Values{}), "the roles");
    must(values_of(seen, "x-user-id").empty(), "an owned name that is not written");
    must(values_of(seen, "authorization").empty(), "no credentials");
    must(values_of(seen, "host").size() == 1, "one Host");
    must(values_of(seen, "x-request-id") == Values{"req-1"}, "our request id");
    must(values_of(seen, "traceparent").size() == 1, "one trace");
    must(values_of(seen, "x-forwarded-for").size() == 1, "one X-Forwarded-For");
    must(values_of(seen, "x-forwarded-for")[0].ends_with("192.0.2.7"), "the peer is in it");
    must(trusted || values_of(seen, "x-forwarded-proto") == Values{"http"}, "our scheme");
    must(values_of(seen, "x-forwarded-proto").size() == 1, "one scheme");
    must(values_of(seen, "x-forwarded-host").size() <= 1, "one host");
    must(values_of(seen, "forwarded").size() <= 1, "one Forwarded, if any");
    must(seen.framing.kind == sent.framing.kind && seen.framing.length == sent.framing.length,
         "the framing that was understood");
    must(values_of(seen, "content-length").size() + values_of(seen, "transfer-encoding").size() ==
             (sent.framing.kind == BodyKind::none ? 0U : 1U),
         "one framing field at most");
    for (const auto* gone : {"connection", "keep-alive", "te", "upgrade", "proxy", "expect"})
        must(values_of(seen, gone).empty(), gone);
    must(seen.keep_alive, "the upstream connection stays");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const bool known = (data[0] & 1U) != 0;
    const bool trusted = (data[0] & 2U) != 0;
    const std::string bytes{reinterpret_cast<const char*>(data + 1), size - 1};
    const config::LimitSettings limits;
    RequestParser parser;
    RequestHead sent;
    const auto parsed = parser.parse(bytes, sent, limits);
    if (!parsed || !*parsed) return 0;

    const auto end = std::min(sent.origin_target.find('?'), sent.origin_target.size());
    std::string scratch;
    const auto path = normalise_path(sent.origin_target.substr(0, end), scratch);
    if (!path) return 0;

    static const auto fixed = settings();
    static const HeaderPolicy policy{fixed};
    static IdSource ids;
    const config::RouteSettings rule;
    const Route route{&rule, 0};
    const auth::Principal ann{
        "ann", "s1", {"a", "b", "not,one"},
          {}
    };
    const Admission admission{&route, path->text, sent.origin_target.substr(end),
                              known ? &ann : nullptr, nullptr};
    static auto rules = [] {
        config::Settings of_clients;
        of_clients.trusted_proxies = {"10.0.0.0/8"};
        return ClientRules{of_clients};
    }();
    rules.named_in = (data[0] & 4U) != 0 ? config::ClientAddress::forwarded
                                         : config::ClientAddress::x_forwarded_for;
    rules.send_forwarded = (data[0] & 8U) != 0;
    const Forwarding forwarding{
        policy, ids, {"192.0.2.7", trusted, false},
          rules, "req-1", "upstream:80", sent.framing
    };
    static std::array<char, 128 * 1024> room;
    HeadWriter out{room};
    write_upstream_head(out, sent, admission, forwarding);
    must(!out.overflowed(), "the head fits");

    config::LimitSettings wide;
    wide.head_bytes = room.size();
    wide.head_fields = 1000;
    RequestParser strict;
    RequestHead seen;
    const auto again = strict.parse(out.written(), seen, wide);
    must(again.has_value() && again->has_value() && **again == out.size(), "it parses, whole");
    const auto target = std::string{path->text} + std::string{admission.query};
    check(sent, seen, target, known, trusted);
    return 0;
}
