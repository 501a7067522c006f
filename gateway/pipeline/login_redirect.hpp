#pragma once

#include "config/settings/settings.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/http/head.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Whether this refusal asks somebody to sign in, and so may become a way to do it. Not where
/// signing in again would change nothing.
[[nodiscard]] bool asks_to_sign_in(RefusalCode code) noexcept;

/// Whether a browser sent this because a person wants to see a page. A client that shows a bearer
/// is none, whatever else it says, and neither is a script of a page.
[[nodiscard]] bool wants_a_page(const RequestHead& head) noexcept;

/// The sign-in page, which leads back to `target` if that is a place to return to.
[[nodiscard]] std::string sign_in_location(const config::Settings& settings,
                                           std::string_view target, RefusalCode code);

} // namespace gatehouse::gateway
