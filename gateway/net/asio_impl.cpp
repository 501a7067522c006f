// The one place where Asio's non-template code is compiled (see *_SEPARATE_COMPILATION in
// CMakeLists.txt): half a minute here instead of seconds in every other file.
#include <boost/asio/impl/src.hpp>
