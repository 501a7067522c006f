#pragma once

#include "config/settings/terms.hpp"

#include <string>
#include <vector>

namespace gatehouse::config {

/// The account pages. YAML: `portal`, `true` or a map.
struct PortalSettings {
    bool on = false;
    std::string name = "Gatehouse";
    std::vector<std::string> languages{"en", "de"};
    std::string css;
    std::vector<std::string> return_to;
    /// What stands in `css`. Not in YAML: read when it is.
    std::string css_text;

    /// The map that may stand behind `portal`.
    template <class Table>
    static void describe(Table& table)
    {
        using Self = PortalSettings;
        table.key("name", &Self::name, forms::word,
                  "What the pages call the place one signs in to.");
        table.key("languages", &Self::languages, forms::language,
                  "Languages they are offered in. A browser that wants none of them gets the "
                  "first.");
        table.key("css", &Self::css, forms::file_path,
                  "A style sheet that is applied after their own, at most 64 KiB. The path starts "
                  "at this file's folder.");
        table.key("return_to", &Self::return_to, forms::origin,
                  "Origins that a sign-in may lead back to, besides their own. Without any: "
                  "`auth.origins`.");
    }
};

} // namespace gatehouse::config
