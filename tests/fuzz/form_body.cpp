// A form that is read says something that can be written down in the one way there is, and that
// reads back to the same.
#include "gateway/api/form_body.hpp"

#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using gatehouse::gateway::Form;
using gatehouse::gateway::read_form;

void write(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte / 16];
        out += digits[byte % 16];
    }
}

std::string written(const Form& form)
{
    std::string text;
    for (const auto& [name, value] : form.parameters) {
        if (!text.empty()) text += '&';
        write(text, name);
        text += '=';
        write(text, value);
    }
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto form = read_form(body);
    if (!form) return 0;
    must(form->parameters.size() <= gatehouse::gateway::most_form_parameters, "it is bounded");
    for (const auto& [name, value] : form->parameters) {
        must(!name.empty(), "each parameter has a name");
        must(form->find(name) == &value, "and is the only one of that name");
    }
    const auto again = read_form(written(*form));
    must(again.has_value(), "what was read can be written");
    must(again->parameters.size() == form->parameters.size(), "with as many parameters");
    for (std::size_t i = 0; i < form->parameters.size(); ++i) {
        must(again->parameters[i].name == form->parameters[i].name, "of the same names");
        must(again->parameters[i].value == form->parameters[i].value, "and values");
    }
    return 0;
}
