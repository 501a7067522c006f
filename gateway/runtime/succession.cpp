#include "gateway/runtime/succession.hpp"

#include "gateway/runtime/listener_survey.hpp"

#include <utility>

namespace gatehouse::gateway {

Succession::Succession(Rooms rooms) : rooms_(std::move(rooms))
{
    auto listeners = [this] {
        return copy_listeners(rooms_.workers, rooms_.settings.deadlines.store);
    };
    next_.emplace(HandOver::Rooms{listeners, rooms_.leave, rooms_.logs.events()});
}

Result<OpenSockets, std::string> Succession::open_sockets(bool take_over, GivenSockets given)
{
    OpenSockets open{std::move(given), {}};
    if (!take_over) return open;
    auto found = Predecessor::ask(rooms_.settings);
    if (!found) return found.error();
    before_ = *std::move(found);
    if (before_) open = {before_->take_sockets(), before_->take_admin_socket()};
    return open;
}

void Succession::serves(Listening& listening)
{
    if (!before_) return;
    const bool was_there = before_->dismiss();
    listening.admin_file = UnixFile(rooms_.settings.admin_api.socket);
    rooms_.logs.tell_taken_over(before_->pid(), was_there);
    before_.reset();
}

Result<std::size_t, std::string> Succession::give(int connection)
{
    return next_->give(connection);
}

bool Succession::end()
{
    const bool waited = next_ && next_->is_waiting();
    next_.reset();
    return waited;
}

} // namespace gatehouse::gateway
