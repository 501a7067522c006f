#pragma once

#include "config/settings/terms.hpp"

#include <array>

namespace gatehouse::config {

/// The oldest version of TLS that is spoken.
enum class TlsMinVersion { v1_2, v1_3 };

constexpr auto words(TlsMinVersion)
{
    return std::array{
        Word{"1.2", TlsMinVersion::v1_2},
        Word{"1.3", TlsMinVersion::v1_3}
    };
}

} // namespace gatehouse::config
