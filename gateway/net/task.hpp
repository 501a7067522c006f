#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gatehouse::gateway {

namespace asio = boost::asio;

/// A coroutine on a worker's io_context. The executor is concrete, not type-erased: the erased one
/// costs a virtual call and a reference count at every suspension.
template <class T>
using Task = asio::awaitable<T, asio::io_context::executor_type>;

/// The completion token for operations awaited inside a Task.
inline constexpr asio::use_awaitable_t<asio::io_context::executor_type> use_task;

} // namespace gatehouse::gateway
