#pragma once

#include "config/settings/settings.hpp"
#include "config/templates/text_template.hpp"
#include "gateway/headers/header_policy.hpp"
#include "gateway/headers/redirect.hpp"
#include "gateway/routing/path_template.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// What a route changes of the headers of one direction.
struct HeaderPlan {
    struct Line {
        std::string name;
        config::TextTemplate value;
    };

    HeaderPlan() = default;
    explicit HeaderPlan(const config::HeaderChanges& changes);

    std::vector<Line> lines;          // written behind what came, those that are set first
    std::vector<std::string> dropped; // as backends read them; also what is set

    /// Whether a field that came goes no further, in any spelling that folds to such a name.
    [[nodiscard]] bool drops(std::string_view name) const noexcept;
};

/// What a route does to what passes, read once. Most routes have none.
struct Treatment {
    Treatment(const config::RouteSettings& route, const config::Settings& settings,
              const HeaderPolicy& policy);

    std::optional<PathTemplate> rewrite;
    std::optional<Redirect> redirect;
    HeaderPlan request;
    HeaderPlan response;
    std::string request_trailers;  // no trailer's names, with commas between
    std::string response_trailers; // the same of answers
    config::SecurityHeaders security = config::SecurityHeaders::off;
};

/// By the place of the route; null: nothing is changed.
using Treatments = std::vector<std::unique_ptr<const Treatment>>;

[[nodiscard]] Treatments treatments_of(const config::Settings& settings,
                                       const HeaderPolicy& policy);

} // namespace gatehouse::gateway
