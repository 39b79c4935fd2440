-- Write what became of claimed deliveries.
--
-- Keys: none declared; see lanes.lua.
-- Arguments: now; the process; attempts at once of a lane without a cap of its own; then eight for each delivery:
--   its id; its record, or ''; the seconds to keep it; its attempt, or ''; its lane; when it is due again, or '';
--   until when the endpoint asked to wait, or ''; whether the endpoint accepted it: '1', '0', or '' if not attempted.
-- Answer: how many of the deliveries the process still held. The others are left alone: another process took over.
-- Atomicity: record, attempt, due time, counters and breaker change together, or not at all.

local now, process, default_cap, count, lanes = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), 0, {}

local function update_breaker(lane, accepted)
  local key = 'deliveries:lane:' .. lane
  if accepted == '1' then redis.call('HDEL', key, 'fails', 'since', 'rest', 'rests')
  elseif accepted == '0' then
    local since = tonumber(redis.call('HGET', key, 'since'))
    if not since or since > now then redis.call('HSET', key, 'since', ARGV[1]) end
    local rest = tonumber(redis.call('HGET', key, 'rest')) or 0
    if redis.call('HINCRBY', key, 'fails', 1) >= TRIP and rest <= now then
      local rests = redis.call('HINCRBY', key, 'rests', 1)
      redis.call('HSET', key, 'rest', now + rest_of(rests))
    end
  end
end

for i = 4, #ARGV, 8 do
  local id, record, keep, attempt, lane, due, wait, accepted = unpack(ARGV, i, i + 7)
  local held = redis.call('HGET', 'deliveries:held:' .. process, id)
  if held then
    redis.call('HDEL', 'deliveries:held:' .. process, id)
    decrement('deliveries:busy', held)
    decrement('deliveries:places:' .. process, owner_of(held))
    local key = 'delivery:' .. id
    if record ~= '' then
      redis.call('SET', key, record, 'EX', keep)
      redis.call('EXPIRE', key .. ':body', keep)
    end
    if attempt ~= '' then
      redis.call('RPUSH', key .. ':attempts', attempt)
      redis.call('LTRIM', key .. ':attempts', -20, -1)
      redis.call('EXPIRE', key .. ':attempts', keep)
    end
    if wait ~= '' then redis.call('HSET', 'deliveries:lane:' .. lane, 'wait', wait, 'pause', tonumber(wait) - now) end
    if due ~= '' then
      redis.call('ZADD', 'deliveries:due:' .. lane, due, id)
      redis.call('HSET', 'deliveries:delays:' .. lane, id, tonumber(due) - now)
    end
    update_breaker(lane, accepted)
    lanes[held] = true
    if lane ~= '' then lanes[lane] = true end
    count = count + 1
  end
end
for lane in pairs(lanes) do list_lane(lane, default_cap, now) end
return count
