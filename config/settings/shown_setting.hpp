#pragma once

#include <string>

namespace gatehouse::config {

/// One value as a person may see it: what is secret, or came from outside the file, is masked.
struct ShownSetting {
    std::string key;    // routes[2].timeout
    std::string value;  // 10s; of a list [GET, POST]
    std::string origin; // default, gatehouse.yaml:3:15, --listen, GATEHOUSE_ADMIN_TOKEN
};

} // namespace gatehouse::config
