#pragma once

#include <boost/system/result.hpp>

namespace gatehouse {

/// What a function returns when it can fail in ways its caller expects: a value or an error enum
/// (or a small error struct with constructors; aggregates are ambiguous here in C++20).
/// Mark such functions [[nodiscard]] and look before `*r`.
template <class T, class E>
using Result = boost::system::result<T, E>;

} // namespace gatehouse
