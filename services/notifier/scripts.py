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

# ARGV: process, cap, id, record or '', seconds to keep it, attempt or '', lane, due or '', lane rests until or ''.
# Gives 0 and does nothing when the process no longer holds the delivery: another one has taken over.
SETTLE: Final = (
    _REFRESH
    + """
local cap, id, keep, lane = tonumber(ARGV[2]), ARGV[3], ARGV[5], ARGV[7]
local held = redis.call('HGET', 'deliveries:held:' .. ARGV[1], id)
if not held then return 0 end
redis.call('HDEL', 'deliveries:held:' .. ARGV[1], id)
leave(held, 1)
if ARGV[4] ~= '' then
  redis.call('SET', 'delivery:' .. id, ARGV[4], 'EX', keep)
  redis.call('EXPIRE', 'delivery:' .. id .. ':body', keep)
end
if ARGV[6] ~= '' then
  redis.call('RPUSH', 'delivery:' .. id .. ':attempts', ARGV[6])
  redis.call('LTRIM', 'delivery:' .. id .. ':attempts', -20, -1)
  redis.call('EXPIRE', 'delivery:' .. id .. ':attempts', keep)
end
if ARGV[9] ~= '' then redis.call('HSET', 'deliveries:wait', lane, ARGV[9]) end
if ARGV[8] ~= '' then redis.call('ZADD', 'deliveries:due:' .. lane, ARGV[8], id) end
refresh(held, cap)
if lane ~= held then refresh(lane, cap) end
return 1
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
