"""The steps of scheduling that must not be torn apart, as Lua.

Every endpoint is a lane with a due list of its own, so that a hung one fills its own lane and no other:
`deliveries:due:<lane>` holds its deliveries by due time, `deliveries:busy` counts those on the way,
`deliveries:wait` has the time before which a throttled lane rests, and `deliveries:lanes` holds every lane that
can take an attempt, by when. A process writes what it took in `deliveries:held:<process>` and proves with
`deliveries:alive:<process>` that it lives; what a dead one held is due again at once.
"""

from typing import Final

_REFRESH: Final = """
local function refresh(lane, cap)
  local first = redis.call('ZRANGE', 'deliveries:due:' .. lane, 0, 0, 'WITHSCORES')
  local busy = tonumber(redis.call('HGET', 'deliveries:busy', lane) or '0')
  if #first == 0 or busy >= cap then
    redis.call('ZREM', 'deliveries:lanes', lane)
  else
    local wait = tonumber(redis.call('HGET', 'deliveries:wait', lane) or '0')
    redis.call('ZADD', 'deliveries:lanes', string.format('%.3f', math.max(tonumber(first[2]), wait)), lane)
  end
end
local function leave(lane, count)
  if redis.call('HINCRBY', 'deliveries:busy', lane, -count) <= 0 then redis.call('HDEL', 'deliveries:busy', lane) end
end
"""

# ARGV: now, most, cap, process, lease in ms. Gives the ids that the process now holds, at most `cap` of a lane.
CLAIM: Final = (
    _REFRESH
    + """
local now, most, cap, process = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
redis.call('SET', 'deliveries:alive:' .. process, '1', 'PX', ARGV[5])
local taken = {}
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', 'deliveries:lanes', '-inf', now, 'LIMIT', 0, most)) do
  local wait = tonumber(redis.call('HGET', 'deliveries:wait', lane) or '0')
  local busy = tonumber(redis.call('HGET', 'deliveries:busy', lane) or '0')
  local room = math.min(cap - busy, most - #taken)
  if wait <= now and room > 0 then
    redis.call('HDEL', 'deliveries:wait', lane)
    local ids = redis.call('ZRANGEBYSCORE', 'deliveries:due:' .. lane, '-inf', now, 'LIMIT', 0, room)
    for _, id in ipairs(ids) do
      redis.call('ZREM', 'deliveries:due:' .. lane, id)
      redis.call('HSET', 'deliveries:held:' .. process, id, lane)
      taken[#taken + 1] = id
    end
    if #ids > 0 then redis.call('HINCRBY', 'deliveries:busy', lane, #ids) end
  end
  refresh(lane, cap)
  if #taken >= most then break end
end
if #taken > 0 then redis.call('SADD', 'deliveries:holders', process) end
return taken
"""
)

# ARGV: process, cap, then for each delivery its id, record or '', seconds to keep it, attempt or '', lane, due or '',
# and until when the lane rests or ''. What the process no longer holds is left alone: another one has taken over.
# Gives how many it still held.
SETTLE: Final = (
    _REFRESH
    + """
local process, cap, count, lanes = ARGV[1], tonumber(ARGV[2]), 0, {}
for i = 3, #ARGV, 7 do
  local id, record, keep, attempt, lane, due, wait = unpack(ARGV, i, i + 6)
  local held = redis.call('HGET', 'deliveries:held:' .. process, id)
  if held then
    redis.call('HDEL', 'deliveries:held:' .. process, id)
    leave(held, 1)
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
    if wait ~= '' then redis.call('HSET', 'deliveries:wait', lane, wait) end
    if due ~= '' then redis.call('ZADD', 'deliveries:due:' .. lane, due, id) end
    lanes[held] = true
    if lane ~= '' then lanes[lane] = true end
    count = count + 1
  end
end
for lane in pairs(lanes) do refresh(lane, cap) end
return count
"""
)

# ARGV: now, cap. Makes due what processes hold that no longer prove to be alive; gives how many that were.
TAKE_OVER: Final = (
    _REFRESH
    + """
local count = 0
for _, process in ipairs(redis.call('SMEMBERS', 'deliveries:holders')) do
  if redis.call('EXISTS', 'deliveries:alive:' .. process) == 0 then
    local held = redis.call('HGETALL', 'deliveries:held:' .. process)
    for i = 1, #held, 2 do
      redis.call('ZADD', 'deliveries:due:' .. held[i + 1], ARGV[1], held[i])
      leave(held[i + 1], 1)
      refresh(held[i + 1], tonumber(ARGV[2]))
      count = count + 1
    end
    redis.call('DEL', 'deliveries:held:' .. process)
    redis.call('SREM', 'deliveries:holders', process)
  end
end
return count
"""
)
