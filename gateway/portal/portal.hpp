#pragma once

#include "config/settings/settings.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

struct PortalFile;

/// The account pages below `<auth.prefix>/portal`: files that are part of the binary, the style
/// sheet of whoever runs this, and what both sides have to know (`features.json`). It keeps no
/// state and asks no store; what the pages do, they do by the auth API.
class Portal {
public:
    explicit Portal(const config::Settings& settings);

    /// Whether a judged path is one of these. Never where there are no pages.
    [[nodiscard]] bool owns(std::string_view path) const noexcept;
    [[nodiscard]] LocalResponse answer(const LocalRequest& request) const;

private:
    [[nodiscard]] LocalResponse features(const LocalRequest& request) const;
    [[nodiscard]] std::string_view language_for(const LocalRequest& request) const;

    const std::string place_; // "/auth/portal"; empty: there are none
    const config::Settings& settings_;
    const std::string own_css_hash_;
};

} // namespace gatehouse::gateway
