#include "tests/simulation/fiber.hpp"

#include <cassert>
#include <utility>
#include <vector>

namespace gatehouse::simulation {

namespace {

/// The deepest calls sign tokens and read JSON; unoptimised they take some 30 KiB.
constexpr std::size_t stack_bytes = std::size_t{256} * 1024;

Fiber* running = nullptr;

/// Stacks of fibers that ended: thousands of runs need a few dozen.
std::vector<std::unique_ptr<std::byte[]>>& spare_stacks()
{
    static std::vector<std::unique_ptr<std::byte[]>> stacks;
    return stacks;
}

std::unique_ptr<std::byte[]> take_stack()
{
    auto& spare = spare_stacks();
    if (spare.empty()) return std::make_unique_for_overwrite<std::byte[]>(stack_bytes);
    auto stack = std::move(spare.back());
    spare.pop_back();
    return stack;
}

} // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {}

Fiber::~Fiber()
{
    assert(!stack_); // it would hold objects nobody destroys
}

void Fiber::resume()
{
    assert(running == nullptr && !ended_);
    if (!stack_) {
        stack_ = take_stack();
        ::getcontext(&own_);
        own_.uc_stack.ss_sp = stack_.get();
        own_.uc_stack.ss_size = stack_bytes;
        own_.uc_link = &resumer_;
        ::makecontext(&own_, &Fiber::enter, 0);
    }
    running = this;
    ::swapcontext(&resumer_, &own_);
    running = nullptr;
    if (ended_) spare_stacks().push_back(std::move(stack_));
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fiber::suspend()
{
    Fiber* self = running;
    assert(self != nullptr);
    ::swapcontext(&self->own_, &self->resumer_);
}

void Fiber::enter()
{
    Fiber* self = running;
    try {
        self->body_();
    } catch (...) {
        self->failure_ = std::current_exception();
    }
    self->body_ = nullptr;
    self->ended_ = true;
}

} // namespace gatehouse::simulation
