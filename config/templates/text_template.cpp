#include "config/templates/text_template.hpp"

#include "config/claims/claim_path.hpp"
#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::config {
namespace {

using Kind = TemplatePart::Kind;
constexpr std::string_view claim_prefix = "claim:";

TemplatePart literal(std::string text)
{
    return {.kind = Kind::literal, .text = std::move(text)};
}

/// What stands between braces.
Result<TemplatePart, PatternProblem> part_for(std::string_view name)
{
    if (name == "rest") return TemplatePart{.kind = Kind::capture, .capture = rest_capture};
    if (name.size() == 1 && name[0] >= '1' && name[0] <= '9')
        return TemplatePart{.kind = Kind::capture,
                            .capture = static_cast<std::size_t>(name[0] - '0')};
    if (name.starts_with(claim_prefix)) {
        const auto path = name.substr(claim_prefix.size());
        if (!split_claim_path(path).empty())
            return TemplatePart{.kind = Kind::claim, .text = std::string(path)};
        return PatternProblem{fmt::format("\"{}\" is not the path of a claim", path),
                              "write names with dots between them, for example {claim:org.plan}"};
    }
    std::vector<std::string_view> known;
    for (const auto& word : words(Variable{})) {
        if (word.text == name) return TemplatePart{.kind = Kind::variable, .variable = word.value};
        known.push_back(word.text);
    }
    known.emplace_back("claim:NAME");
    return PatternProblem{fmt::format("nothing is called \"{{{}}}\"", name),
                          nearest_hint(name, known) + "; a brace itself is written twice"};
}

/// Cuts a text at its braces.
class Cutter {
public:
    explicit Cutter(std::string_view text) : rest_(text) {}

    Result<TextTemplate, PatternProblem> cut()
    {
        while (!rest_.empty()) {
            if (rest_.starts_with("{{") || rest_.starts_with("}}")) {
                literal_ += rest_.front();
                rest_.remove_prefix(2);
            } else if (rest_.front() == '}') {
                return PatternProblem{"a brace is closed that was not opened",
                                      "write }} for a brace itself"};
            } else if (rest_.front() == '{') {
                if (auto problem = take_name()) return *std::move(problem);
            } else {
                literal_ += rest_.front();
                rest_.remove_prefix(1);
            }
        }
        end_literal();
        return std::move(out_);
    }

private:
    std::optional<PatternProblem> take_name()
    {
        const auto end = rest_.find('}');
        if (end == rest_.npos)
            return PatternProblem{"a brace is not closed", "write {{ for a brace itself"};
        auto part = part_for(rest_.substr(1, end - 1));
        if (!part) return part.error();
        end_literal();
        out_.parts.push_back(*std::move(part));
        rest_.remove_prefix(end + 1);
        return std::nullopt;
    }

    void end_literal()
    {
        if (!literal_.empty()) out_.parts.push_back(literal(std::exchange(literal_, {})));
    }

    std::string_view rest_;
    std::string literal_;
    TextTemplate out_;
};

/// What a path of this template looks like, with a letter for each capture.
std::string example_of(const TextTemplate& path)
{
    std::string text;
    for (const auto& part : path.parts) {
        if (part.kind == Kind::literal) text += part.text;
        if (part.kind == Kind::variable) text += "/x";
        if (part.kind == Kind::capture) text += "x";
    }
    return text;
}

std::optional<PatternProblem> problem_with_path(const TextTemplate& path)
{
    for (std::size_t i = 0; i < path.parts.size(); ++i) {
        const auto& part = path.parts[i];
        const bool is_path = part.kind == Kind::variable && part.variable == Variable::path;
        if (part.kind == Kind::claim || (part.kind == Kind::variable && !is_path))
            return PatternProblem{"a path may hold {path}, {1} to {9} and {rest} alone",
                                  "what else a request says is no part of a path"};
        const bool starred = part.kind == Kind::literal && part.text.find('*') != part.text.npos;
        if (starred)
            return PatternProblem{"a star cannot stand here",
                                  "write {1}, {2} .. for what each * matched, {rest} for **"};
    }
    // Whatever no judged path looks like is refused there: dots, //, ?, #, %2f, controls.
    const auto example = parse_path_pattern(example_of(path));
    if (!example) return example.error();
    return std::nullopt;
}

bool is_printable(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<PatternProblem> problem_with_origin(const TextTemplate& origin)
{
    std::string example;
    for (const auto& part : origin.parts) {
        const bool is_host = part.kind == Kind::variable && part.variable == Variable::host;
        if (part.kind != Kind::literal && !is_host)
            return PatternProblem{"a client may not choose where a redirect leads to",
                                  "write the host out, or {host} on a route that names its `host`"};
        example += is_host ? std::string("x") : part.text;
    }
    if (parse_endpoint(example)) return std::nullopt;
    return PatternProblem{"this is no host to be sent to",
                          "write https://name or https://name:port and a path"};
}

std::optional<PatternProblem> problem_with_query(const TextTemplate& query)
{
    for (const auto& part : query.parts) {
        const bool is_query = part.kind == Kind::variable && part.variable == Variable::query;
        const bool fits = part.kind == Kind::literal
                              ? is_printable(part.text) && part.text.find('#') == part.text.npos
                              : is_query;
        if (!fits)
            return PatternProblem{"a query may hold printable text and {query} alone",
                                  "write ?{query} to pass on the query of the request"};
    }
    return std::nullopt;
}

/// Moves what stands before the first of these characters in a literal into another template.
TextTemplate take_until(TextTemplate& from, char stop, std::size_t skip = 0)
{
    TextTemplate taken;
    while (!from.parts.empty()) {
        auto& part = from.parts.front();
        const auto at = part.kind == Kind::literal ? part.text.find(stop, skip) : std::string::npos;
        skip = 0;
        if (at != std::string::npos) {
            if (at > 0) taken.parts.push_back(literal(part.text.substr(0, at)));
            part.text.erase(0, at);
            return taken;
        }
        // A path variable begins with the slash that ends an authority.
        if (stop == '/' && part.kind == Kind::variable && part.variable == Variable::path)
            return taken;
        taken.parts.push_back(std::move(part));
        from.parts.erase(from.parts.begin());
    }
    return taken;
}

} // namespace

Result<TextTemplate, PatternProblem> parse_template(std::string_view text)
{
    return Cutter{text}.cut();
}

Result<TextTemplate, PatternProblem> parse_path_template(std::string_view text)
{
    auto parsed = parse_template(text);
    if (!parsed) return parsed;
    if (auto problem = problem_with_path(*parsed)) return *std::move(problem);
    return parsed;
}

Result<RedirectTemplate, PatternProblem> parse_redirect(std::string_view text)
{
    const bool absolute = text.starts_with("https://") || text.starts_with("http://");
    const bool local =
        (text.starts_with('/') && !text.starts_with("//")) || text.starts_with("{path}");
    if (!absolute && !local)
        return PatternProblem{"a redirect leads to a path or to a URL",
                              "write /new/{rest}, or https://new.example.com{path}?{query}"};
    auto rest = parse_template(text);
    if (!rest) return rest.error();
    RedirectTemplate out;
    if (absolute) {
        out.origin = take_until(*rest, '/', text.find("//") + 2);
        if (auto problem = problem_with_origin(out.origin)) return *std::move(problem);
    }
    out.path = take_until(*rest, '?');
    if (!out.path.parts.empty() || !absolute) {
        if (auto problem = problem_with_path(out.path)) return *std::move(problem);
    }
    if (!rest->parts.empty()) {
        out.has_query = true;
        auto& first = rest->parts.front().text;
        first.erase(0, 1);
        if (first.empty()) rest->parts.erase(rest->parts.begin());
        if (auto problem = problem_with_query(*rest)) return *std::move(problem);
        out.query = *std::move(rest);
    }
    return out;
}

bool names(const TextTemplate& text, Variable variable) noexcept
{
    return std::ranges::any_of(text.parts, [variable](const TemplatePart& part) {
        return part.kind == Kind::variable && part.variable == variable;
    });
}

} // namespace gatehouse::config
