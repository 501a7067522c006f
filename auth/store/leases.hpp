#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What one of several processes does for all: who does it, and until when nobody else may. The
/// same promises as UserStore.
///
/// A lease saves work, it is no lock: its time is read from the clocks of those who take it, and a
/// holder may freeze and wake after its end. So what is done under one is harmless when done twice,
/// or is itself a conditional write.
class Leases {
public:
    virtual ~Leases() = default;

    struct Lease {
        std::string name;
        std::string holder;
        Millis until{};

        bool operator==(const Lease&) const = default;
    };

    /// Takes the lease, or renews it, until `until`, which lies after `now`: one conditional write.
    /// true: it is the holder's. false: it is somebody else's at `now`. A renewal never shortens,
    /// and a clock that is behind takes nothing, also not what was given up later than it shows.
    [[nodiscard]] virtual Result<bool, StoreError>
    take_lease(std::string_view name, std::string_view holder, Millis now, Millis until) = 0;
    /// From `now` on anybody may take it. A lease that is not the holder's stays as it is.
    [[nodiscard]] virtual Result<void, StoreError>
    give_up_lease(std::string_view name, std::string_view holder, Millis now) = 0;
    /// All that were ever taken, in order of their names, with their last holders.
    [[nodiscard]] virtual Result<std::vector<Lease>, StoreError> list_leases() = 0;
};

} // namespace gatehouse::auth
