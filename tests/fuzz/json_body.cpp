// What our JSON reader accepts, a second strict reader accepts too, with an equal value; and what
// we write of it reads back to the same.
#include "auth/json/reader.hpp"
#include "auth/json/writer.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

namespace json = gatehouse::auth::json;
using Other = nlohmann::json;

bool equal(const json::Value& ours, const Other& theirs);

bool equal_objects(const json::Value::Object& ours, const Other& theirs)
{
    if (!theirs.is_object() || theirs.size() != ours.size()) return false;
    for (const auto& member : ours) {
        const auto found = theirs.find(member.name);
        if (found == theirs.end() || !equal(member.value, *found)) return false;
    }
    return true;
}

bool equal_arrays(const json::Value::Array& ours, const Other& theirs)
{
    if (!theirs.is_array() || theirs.size() != ours.size()) return false;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!equal(ours[i], theirs[i])) return false;
    }
    return true;
}

bool equal(const json::Value& ours, const Other& theirs)
{
    if (const auto* object = ours.object()) return equal_objects(*object, theirs);
    if (const auto* array = ours.array()) return equal_arrays(*array, theirs);
    if (const auto* text = ours.string())
        return theirs.is_string() && *text == theirs.get_ref<const std::string&>();
    if (const auto flag = ours.boolean()) return theirs.is_boolean() && *flag == theirs;
    if (const auto whole = ours.integer()) {
        return theirs.is_number_integer() && *whole == theirs.get<std::int64_t>();
    }
    if (const auto number = ours.number()) {
        return theirs.is_number() && *number == theirs.get<double>() && std::isfinite(*number);
    }
    return ours.is_null() && theirs.is_null();
}

void write(json::Writer& w, const json::Value& value)
{
    if (const auto* object = value.object()) {
        w.begin_object();
        for (const auto& member : *object) {
            w.name(member.name);
            write(w, member.value);
        }
        w.end_object();
    } else if (const auto* array = value.array()) {
        w.begin_array();
        for (const auto& element : *array) write(w, element);
        w.end_array();
    } else if (const auto* text = value.string()) {
        w.string(*text);
    } else if (const auto flag = value.boolean()) {
        w.boolean(*flag);
    } else if (const auto whole = value.integer()) {
        w.integer(*whole);
    } else {
        w.null(); // also for fractions, which the writer does not know
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    json::ReadRules rules;
    rules.allow_nul = true;
    const auto ours = json::read(text, rules);
    if (!ours) return 0;
    const auto theirs = Other::parse(text, nullptr, false);
    if (theirs.is_discarded() || !equal(*ours, theirs)) std::abort();

    std::string written;
    json::Writer first(written);
    write(first, *ours);
    const auto again = json::read(written, rules);
    if (!again) std::abort();
    std::string rewritten;
    json::Writer second(rewritten);
    write(second, *again);
    if (written != rewritten) std::abort();
    return 0;
}
