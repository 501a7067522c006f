#pragma once

// What passes through the gateway, and the bounds it meets.
#include "config/settings/limits.hpp"
#include "config/settings/routes.hpp"
#include "config/settings/upstreams.hpp"
