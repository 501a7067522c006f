#include "auth/store/redis/session_scripts.hpp"

#include "auth/store/redis/amr_script.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::redis {

namespace {

/// Makes a key live until then at least.
constexpr const char* extend = R"(
local function extend(key, at)
  if redis.call('PTTL', key) == -1 then redis.call('PEXPIREAT', key, at)
  else redis.call('PEXPIREAT', key, at, 'GT') end
end
)";

/// Ends one session, which is known not to have ended. What frees memory comes first: after such a
/// write a full server lets a script do the rest, and so lets sessions end.
///
/// The feed is told before: what a script did before an error stays, and an end that others do not
/// hear of must not be there when the call is made again. The server's clock numbers the entries,
/// and never goes back; where it counts one millisecond for too long (feed_number.hpp), the end is
/// told again in the next. Entries that are too old for anybody to need go by the way, ten minutes
/// later, for the clock may be another one by then.
constexpr const char* finish = R"(
local function announce(prefix, id, now, forget_at)
  local feed = prefix .. 'ended'
  local time = redis.call('TIME')
  local oldest = math.max(0, time[1] * 1000 - (forget_at - now) - 600000)
  local number = redis.call('XADD', feed, 'MINID', '~', string.format('%.0f', oldest), '*',
    's', id, 'at', now)
  local ms, count = number:match('^(%d+)%-(%d+)$')
  if tonumber(count) >= 1000000 then
    redis.call('XADD', feed, string.format('%.0f-0', ms + 1), 's', id, 'at', now)
  end
end
local function finish(prefix, members, id, now, forget_at)
  local key = prefix .. 'session:' .. id
  redis.call('ZREM', members, '') -- no session has this id
  announce(prefix, id, now, forget_at)
  redis.call('ZREM', members, id)
  redis.call('HSET', key, 'ended', now)
  redis.call('PEXPIREAT', key, forget_at)
end
local function wake(prefix)
  redis.call('PUBLISH', prefix .. 'ended', '')
end
)";

/// KEYS: session, epoch, sessions. Answers 'made' and who had to go, or why not.
[[nodiscard]] std::string create_script()
{
    return std::string(extend) + finish + R"(
local prefix, id, now, forget_at, live_until = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local fresh_epoch, max, evicts = ARGV[6], tonumber(ARGV[7]), ARGV[8] == '1'
if redis.call('EXISTS', KEYS[1]) == 1 then return {'used'} end
local epoch = redis.call('GET', KEYS[2])
local answer = {'made'}
if max > 0 then
  local live = {}
  for _, other in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    local it = redis.call('HMGET', prefix .. 'session:' .. other, 'exp', 'epoch')
    if not it[1] then redis.call('ZREM', KEYS[3], other)
    elseif it[2] == epoch and tonumber(it[1]) * 1000 > tonumber(now) then
      live[#live + 1] = other
    end
  end
  local surplus = #live - max + 1
  if surplus > 0 and not evicts then return {'full'} end
  for i = 1, surplus do
    finish(prefix, KEYS[3], live[i], now, forget_at)
    answer[#answer + 1] = live[i]
  end
  if surplus > 0 then wake(prefix) end
end
if not epoch then
  epoch = fresh_epoch
  redis.call('SET', KEYS[2], epoch)
end
redis.call('HSET', KEYS[1], 'id', id, 'epoch', epoch, 'used', now, 'user', ARGV[9],
  'gen', ARGV[10], 'iat', ARGV[11], 'exp', ARGV[12], 'login', ARGV[13], 'delivery', ARGV[14],
  'address', ARGV[15], 'agent', ARGV[16], 'amr', ARGV[17], 'unseen', ARGV[18], 'superseded', '')
redis.call('PEXPIREAT', KEYS[1], live_until)
redis.call('ZADD', KEYS[3], now, id)
extend(KEYS[2], live_until)
extend(KEYS[3], live_until)
return answer
)";
}

/// KEYS: session. Answers its fields, and 'stale' where its epoch is over; nothing for none.
[[nodiscard]] std::string find_script()
{
    std::string script = R"(
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return fields end
local it = redis.call('HMGET', KEYS[1], 'user', 'epoch')
)";
    if (enforced("redis_sessions.find_epoch")) {
        script += R"(
if redis.call('GET', ARGV[1] .. 'epoch:' .. it[1]) ~= it[2] then
  fields[#fields + 1] = 'stale'
  fields[#fields + 1] = '1'
end
)";
    }
    return script + "return fields";
}

/// KEYS: sessions, epoch. Answers the fields of each session that has not ended.
[[nodiscard]] std::string list_script()
{
    std::string script = R"(
local epoch = redis.call('GET', KEYS[2])
local answer = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[1] .. 'session:' .. id
  local stamp = redis.call('HGET', key, 'epoch')
)";
    script += enforced("redis_sessions.list_epoch") ? "  if stamp and stamp == epoch then"
                                                    : "  if stamp then";
    return script + R"(
    answer[#answer + 1] = redis.call('HGETALL', key)
  end
end
return answer
)";
}

/// KEYS: session. One conditional write. Answers 1 or 0.
[[nodiscard]] std::string rotate_script()
{
    std::string script = std::string(extend) + R"(
local prefix, id, now, live_until, from, to = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local it = redis.call('HMGET', KEYS[1], 'user', 'epoch', 'gen', 'exp', 'ended', 'superseded')
if not it[1] then return 0 end
local epoch = prefix .. 'epoch:' .. it[1]
)";
    if (enforced("redis_sessions.rotate_current")) { // R41
        script += "if it[3] ~= from then return 0 end\n";
    }
    if (enforced("redis_sessions.rotate_unended")) { // R43
        script += "if it[5] then return 0 end\n";
    }
    if (enforced("redis_sessions.rotate_unexpired")) { // R45
        script += "if tonumber(it[4]) * 1000 <= tonumber(now) then return 0 end\n";
    }
    if (enforced("redis_sessions.rotate_epoch")) { // R43, R46
        script += "if redis.call('GET', epoch) ~= it[2] then return 0 end\n";
    }
    return script + R"(
local superseded = it[6] .. from .. ':' .. now .. ' '
local _, count = superseded:gsub(' ', ' ')
for _ = tonumber(ARGV[12]) + 1, count do superseded = superseded:sub(superseded:find(' ') + 1) end
redis.call('HSET', KEYS[1], 'gen', to, 'used', now, 'superseded', superseded, 'iat', ARGV[7],
  'exp', ARGV[8], 'address', ARGV[9], 'agent', ARGV[10], 'unseen', ARGV[11])
redis.call('PEXPIREAT', KEYS[1], live_until)
local members = prefix .. 'sessions:' .. it[1]
redis.call('ZADD', members, now, id)
extend(epoch, live_until)
extend(members, live_until)
return 1
)";
}

/// ARGV: prefix, then a session and a generation, and so on. One conditional write each.
[[nodiscard]] std::string mark_seen_script()
{
    std::string script = R"(
for i = 2, #ARGV, 2 do
  local key = ARGV[1] .. 'session:' .. ARGV[i]
  local it = redis.call('HMGET', key, 'user', 'ended', 'unseen')
)";
    if (enforced("redis_sessions.seen_current")) {
        script += "if it[3] ~= ARGV[i + 1] then it = {} end\n";
    }
    return script + "if it[1] and not it[2] then redis.call('HSET', key, 'unseen', '0') end end\n" +
           "return 1";
}

/// KEYS: session. Answers 1 if it had not ended, else 0.
[[nodiscard]] std::string end_script()
{
    return std::string(finish) + R"(
local it = redis.call('HMGET', KEYS[1], 'user', 'ended')
if not it[1] or it[2] then return 0 end
finish(ARGV[1], ARGV[1] .. 'sessions:' .. it[1], ARGV[2], ARGV[3], ARGV[4])
wake(ARGV[1])
return 1
)";
}

/// KEYS: sessions, epoch. Answers whom it ended. The one to keep goes over to the new epoch, if it
/// was in the one before: whatever had ended stays so.
[[nodiscard]] std::string end_all_script()
{
    std::string script = std::string(finish) + R"(
local prefix, now, forget_at, keep, fresh_epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local epoch = redis.call('GET', KEYS[2])
local ended = {}
redis.call('ZREM', KEYS[1], '') -- no session has this id; see finish
)";
    if (enforced("redis_sessions.raise_epoch")) {
        script += "if epoch then redis.call('SET', KEYS[2], fresh_epoch, 'KEEPTTL') end\n";
    }
    return script + R"(
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = prefix .. 'session:' .. id
  local stamp = redis.call('HGET', key, 'epoch')
  if not stamp then
    redis.call('ZREM', KEYS[1], id)
  elseif id ~= keep then
    finish(prefix, KEYS[1], id, now, forget_at)
    ended[#ended + 1] = id
  elseif stamp == epoch then
    redis.call('HSET', key, 'epoch', fresh_epoch)
  end
end
if #ended > 0 then wake(prefix) end
return ended
)";
}

/// Looks at some more keys. `names` are those of sessions.
constexpr const char* scan = R"(
local prefix, now = ARGV[1], ARGV[3]
local place, names = unpack(redis.call('SCAN', ARGV[2], 'MATCH', prefix .. 'session:*', 'COUNT', 500))
)";

/// Ends whom it meets. Answers where to go on, and whom it ended. To end one twice is to do it
/// once, and whoever was met and not named is named to the feed.
[[nodiscard]] std::string end_next_script()
{
    return std::string(finish) + scan + R"(
redis.call('ZREM', prefix .. 'sessions:', '') -- there is none; see finish
local ended = {}
for _, name in ipairs(names) do
  local it = redis.call('HMGET', name, 'user', 'id', 'ended')
  if it[1] and it[2] and not it[3] then
    finish(prefix, prefix .. 'sessions:' .. it[1], it[2], now, ARGV[4])
    ended[#ended + 1] = it[2]
  end
end
if #ended > 0 then wake(prefix) end
return {place, ended}
)";
}

/// Answers where to go on, and how many of those it met live.
[[nodiscard]] std::string count_next_script()
{
    return std::string(scan) + R"(
local count = 0
for _, name in ipairs(names) do
  local it = redis.call('HMGET', name, 'user', 'epoch', 'exp', 'ended')
  if it[1] and not it[4] and tonumber(it[3]) * 1000 > tonumber(now)
      and redis.call('GET', prefix .. 'epoch:' .. it[1]) == it[2] then count = count + 1 end
end
return {place, count}
)";
}

/// For a server that may have lost what others know. ARGV: prefix, now, forget_at, sessions.
[[nodiscard]] std::string end_again_script()
{
    return std::string(finish) + R"(
local prefix, now, forget_at = ARGV[1], ARGV[2], ARGV[3]
for i = 4, #ARGV do
  local it = redis.call('HMGET', prefix .. 'session:' .. ARGV[i], 'user', 'ended')
  local members = prefix .. 'sessions:' .. (it[1] or '')
  if it[1] and not it[2] then
    finish(prefix, members, ARGV[i], now, forget_at)
  else
    redis.call('ZREM', members, '') -- see finish
    announce(prefix, ARGV[i], now, forget_at)
  end
end
wake(prefix)
return 1
)";
}

} // namespace

SessionScripts::SessionScripts()
    : create(create_script()),
      find(find_script()),
      list(list_script()),
      rotate(rotate_script()),
      mark_seen(mark_seen_script()),
      replace_amr(amr_script()),
      end(end_script()),
      end_all(end_all_script()),
      end_next(end_next_script()),
      end_again(end_again_script()),
      count_next(count_next_script())
{
}

} // namespace gatehouse::auth::redis
