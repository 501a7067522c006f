#pragma once

namespace gatehouse::gateway {

/// Whoever waits for a socket or a deadline. Being woken means "look again": the reason may be
/// gone by then, so the waiter tries what it wanted to do and waits again if it must.
class Wakeable {
public:
    virtual void wake() noexcept = 0;

protected:
    ~Wakeable() = default;
};

} // namespace gatehouse::gateway
