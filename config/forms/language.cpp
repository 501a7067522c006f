#include "config/forms/forms.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

/// Each of them is a file in gateway/portal/pages/texts.
constexpr auto known = std::to_array<std::string_view>({"de", "en"});

std::optional<Problem> check_language(std::string_view text)
{
    if (std::ranges::find(known, text) != known.end()) return {};
    return Problem{quoted(text) + " is no language of the account pages", "there are de and en"};
}

} // namespace

const Form forms::language{"`de`, `en`", check_language};

} // namespace gatehouse::config
