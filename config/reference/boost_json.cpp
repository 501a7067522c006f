// Boost.JSON as part of this program: little of it is used, and the library and its licences would
// be half a megabyte of the image.
#include <boost/json/src.hpp>
