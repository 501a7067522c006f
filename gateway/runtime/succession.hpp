#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/runtime/hand_over.hpp"
#include "gateway/runtime/listening.hpp"
#include "gateway/runtime/log_rooms.hpp"
#include "gateway/runtime/predecessor.hpp"
#include "gateway/runtime/worker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// Whose place this process takes, and who takes its place.
class Succession {
public:
    /// All of them outlive it.
    struct Rooms {
        const config::Settings& settings;
        const std::vector<std::unique_ptr<Worker>>& workers;
        LogRooms& logs;
        std::function<void()> leave; // another process serves; on a thread of its own
    };

    explicit Succession(Rooms rooms);

    /// What need not be opened: where a gateway is to be taken over and one answers, all that it
    /// listens on, else what was given. To be asked as late as can be: what it opens from then on
    /// is not ours. Error: a sentence for the operator.
    [[nodiscard]] Result<OpenSockets, std::string> open_sockets(bool take_over, GivenSockets given);

    /// This process serves: the one before goes, and the file of its unix socket is ours.
    void serves(Listening& listening);

    /// See HandOver::give.
    [[nodiscard]] Result<std::size_t, std::string> give(int connection);

    /// Nobody is waited for any more. Whether somebody had the sockets and may serve in a moment:
    /// then the file of the unix socket is to stay.
    bool end();

private:
    Rooms rooms_;
    std::optional<Predecessor> before_; // until this process serves
    std::optional<HandOver> next_;
};

} // namespace gatehouse::gateway
