#include "auth/store/redis/redis_states.hpp"

#include "auth/store/redis/session_scripts.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::redis {

namespace {

/// Each rival gets in our way once at most: who tries so often meets more than all connections of
/// all gateways, and is told to come again.
constexpr int most_tries = 200;

/// ARGV[1]: the time, or nothing for the server's. Answers the time and the state of each key.
constexpr const char* look = R"(
local function look()
  local now = tonumber(ARGV[1])
  if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  local answer = {now}
  for i, key in ipairs(KEYS) do answer[i + 1] = redis.call('GET', key) or '' end
  return answer
end
)";

/// ARGV[2]: how many ms to keep it; then for each key what was read and what shall be there.
/// Answers nothing if that is done, and else what is there now.
[[nodiscard]] std::string replace_script()
{
    std::string script = look;
    if (enforced("redis_states.unchanged")) { // R53
        script += R"(
for i, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') ~= ARGV[2 * i + 1] then return look() end
end
)";
    }
    return script + R"(
for i, key in ipairs(KEYS) do
  local fresh = ARGV[2 * i + 2]
  if fresh == '' then redis.call('DEL', key)
  elseif fresh ~= ARGV[2 * i + 1] then redis.call('SET', key, fresh, 'PX', ARGV[2]) end
end
return {}
)";
}

} // namespace

RedisStates::RedisStates(Pool& pool, const Clock* clock)
    : pool_(pool),
      clock_(clock),
      read_(std::string(look) + "return look()"),
      replace_(replace_script())
{
}

Result<RedisStates::Seen, StoreError> RedisStates::run(const Script& script,
                                                       const Script::Words& keys,
                                                       Script::Words values,
                                                       Pool::Again again) const
{
    const auto now =
        clock_ == nullptr ? "" : std::to_string(clock_->now().time_since_epoch().count());
    values.insert(values.begin(), now);
    const auto answer = script.run(pool_, keys, values, again);
    if (!answer || !answer->is(Reply::Kind::list)) return StoreError::unavailable;
    Seen seen;
    seen.written = answer->items.empty();
    if (seen.written) return seen;
    if (answer->items.size() != keys.size() + 1) return StoreError::unavailable;
    seen.now = Millis{std::chrono::milliseconds{answer->items.front().integer}};
    for (std::size_t i = 0; i < keys.size(); ++i) seen.states.push_back(answer->items[i + 1].text);
    return seen;
}

Result<void, StoreError> RedisStates::change(std::span<const std::string> keys,
                                             std::chrono::milliseconds kept, const Change& change)
{
    Script::Words places;
    for (const auto& key : keys) places.push_back(std::string(key_prefix) + "throttle:" + key);
    auto seen = run(read_, places, {}, Pool::Again::harmless);
    for (int tries = 0; seen && tries < most_tries; ++tries) {
        const auto before = seen->states;
        const auto judged = change(seen->states, seen->now);
        if (!judged || seen->states == before) return judged;
        Script::Words values = {std::to_string(kept.count())};
        for (std::size_t i = 0; i < keys.size(); ++i) {
            values.push_back(before[i]);
            values.push_back(seen->states[i]);
        }
        seen = run(replace_, places, std::move(values), Pool::Again::never);
        if (seen && seen->written) return {};
    }
    return StoreError::unavailable;
}

Result<bool, StoreError> RedisStates::forget_old(std::size_t)
{
    return false;
}

} // namespace gatehouse::auth::redis
