#include "auth/store/redis/amr_script.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth::redis {

std::string amr_script()
{
    std::string script = R"(
local it = redis.call('HMGET', KEYS[1], 'user', 'epoch', 'exp', 'ended', 'amr')
if not it[1] then return 0 end
)";
    if (enforced("redis_sessions.amr_expected")) { // the version before wrote none
        script += "if (it[5] or '3:pwd,') ~= ARGV[3] then return 0 end\n";
    }
    if (enforced("redis_sessions.amr_live")) {
        script += R"(
if it[4] or tonumber(it[3]) * 1000 <= tonumber(ARGV[2]) then return 0 end
if redis.call('GET', ARGV[1] .. 'epoch:' .. it[1]) ~= it[2] then return 0 end
)";
    }
    return script + "redis.call('HSET', KEYS[1], 'amr', ARGV[4])\nreturn 1";
}

} // namespace gatehouse::auth::redis
