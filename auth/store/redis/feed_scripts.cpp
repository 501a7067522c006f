#include "auth/store/redis/feed_scripts.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth::redis {

namespace {

constexpr const char* history = R"(
local about = redis.call('INFO', 'replication')
local history = about:match('master_replid:(%w+)')
)";

constexpr const char* newest_id = R"(
local function newest_id(feed)
  local last = redis.call('XREVRANGE', feed, '+', '-', 'COUNT', 1)[1]
  return last and last[1] or '0-0'
end
)";

[[nodiscard]] std::string beginning()
{
    std::string script = history;
    if (enforced("redis_feed.no_replica")) {
        script += "if not about:find('role:master', 1, true) then "
                  "return redis.error_reply('READONLY a replica hears late or never') end\n";
    }
    return script;
}

/// Others may write into the stream as well: what is not short, or not there, is told as nothing.
[[nodiscard]] std::string read_script()
{
    return beginning() + newest_id + R"(
local answer = {history, newest_id(KEYS[1])}
if ARGV[2] == '0' then return answer end
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  local told = {s = '', at = ''}
  for i = 1, #entry[2], 2 do
    local name, value = entry[2][i], entry[2][i + 1]
    if told[name] and #value <= 64 then told[name] = value end
  end
  answer[#answer + 1] = entry[1]
  answer[#answer + 1] = told.s
  answer[#answer + 1] = told.at
end
return answer
)";
}

/// Which book it is; a new one, if there is none.
constexpr const char* book_in = R"(
local function book_in(replicas, fresh)
  redis.call('HDEL', replicas, '') -- a full server lets a script go on that has freed something
  redis.call('HSETNX', replicas, 'book', fresh)
  return redis.call('HGET', replicas, 'book')
end
)";

[[nodiscard]] std::string report_script()
{
    return beginning() + book_in + R"(
local book = book_in(KEYS[1], ARGV[1])
local field = 'of:' .. ARGV[2]
local known = redis.call('HGET', KEYS[1], field)
if not known or tonumber(known:match('^%d+')) < tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[1], field, ARGV[4] .. ' ' .. ARGV[3] .. ' ' .. ARGV[5])
end
return {history, book}
)";
}

[[nodiscard]] std::string replicas_script()
{
    return beginning() + newest_id + book_in + R"(
local answer = {history, book_in(KEYS[1], ARGV[1]), newest_id(KEYS[2])}
for _, word in ipairs(redis.call('HGETALL', KEYS[1])) do answer[#answer + 1] = word end
return answer
)";
}

[[nodiscard]] std::string strike_out_script()
{
    return R"(
local known = redis.call('HGET', KEYS[1], 'of:' .. ARGV[1])
if known and known:match('^%d+') == ARGV[2] then redis.call('HDEL', KEYS[1], 'of:' .. ARGV[1]) end
return 1
)";
}

} // namespace

FeedScripts::FeedScripts()
    : read(read_script()),
      report(report_script()),
      replicas(replicas_script()),
      strike_out(strike_out_script())
{
}

} // namespace gatehouse::auth::redis
