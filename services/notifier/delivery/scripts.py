"""The steps of scheduling that must not be torn apart, as Lua.

Every endpoint of an owner is a lane with a due list of its own, so that a hung one fills its own lane and no other:
`deliveries:due:<lane>` holds its deliveries by due time, `deliveries:busy` counts those on the way, and
`deliveries:lane:<lane>` has what limits it: `cap` at once, `rate` a second (`tat`: the theoretical arrival time of the
generic cell rate algorithm), `wait` as the endpoint asked for, and the breaker: `fails` in a row since `since`, `rest`
until when, after how many `rests`. A lane whose breaker is open takes one probe at a time.

Owners take turns. `deliveries:lanes:<owner>` holds the owner's lanes that can take an attempt, by when;
`deliveries:owners` the owners by their first lane; those whose time has come stand in line in `deliveries:turns`.

A process writes what it took in `deliveries:held:<process>`, counts it by owner in `deliveries:places:<process>` and
proves with `deliveries:alive:<process>` that it lives; what a dead one held is due again at once.
"""

from typing import Final

TRIP: Final = 5
"""Failures in a row that open the breaker of a lane."""
REST: Final = (30, 600)
"""Seconds that a lane rests at first, and at most: twice as long after every probe that fails."""
QUANTUM: Final = 8
"""Deliveries that an owner takes at one turn, at most."""

_NUMBERS: Final = f"local TRIP, QUANTUM, REST, LONGEST = {TRIP}, {QUANTUM}, {REST[0]}, {REST[1]}"
_LANES: Final = (
    _NUMBERS
    + """
local function owner_of(lane) return string.match(lane, '^[^.]+') end
local function lane_state(lane, cap)
  local h = redis.call('HMGET', 'deliveries:lane:' .. lane, 'cap', 'rate', 'tat', 'wait', 'rest', 'fails')
  local one = {cap = tonumber(h[1]) or cap, rate = tonumber(h[2]) or 0, tat = tonumber(h[3]) or 0, from = 0}
  one.from = math.max(tonumber(h[4]) or 0, tonumber(h[5]) or 0)
  if (tonumber(h[6]) or 0) >= TRIP then one.cap = 1 end
  if one.rate > 0 then
    one.burst = math.max(1, math.floor(one.rate))
    one.from = math.max(one.from, one.tat - (one.burst - 1) / one.rate)
  end
  one.busy = tonumber(redis.call('HGET', 'deliveries:busy', lane)) or 0
  return one
end
local function stand(owner)
  if redis.call('ZSCORE', 'deliveries:turns', owner) then return end
  local next = redis.call('ZRANGE', 'deliveries:lanes:' .. owner, 0, 0, 'WITHSCORES')
  if #next == 0 then redis.call('ZREM', 'deliveries:owners', owner)
  else redis.call('ZADD', 'deliveries:owners', next[2], owner) end
end
local function queue(owner)
  redis.call('ZADD', 'deliveries:turns', redis.call('INCR', 'deliveries:turn'), owner)
end
local function refresh(lane, cap)
  local owner, one = owner_of(lane), lane_state(lane, cap)
  local first = redis.call('ZRANGE', 'deliveries:due:' .. lane, 0, 0, 'WITHSCORES')
  if #first == 0 or one.busy >= one.cap then
    redis.call('ZREM', 'deliveries:lanes:' .. owner, lane)
  else
    local when = math.ceil(math.max(tonumber(first[2]), one.from) * 1000) / 1000
    redis.call('ZADD', 'deliveries:lanes:' .. owner, string.format('%.3f', when), lane)
  end
  stand(owner)
end
local function less(key, field)
  if redis.call('HINCRBY', key, field, -1) <= 0 then redis.call('HDEL', key, field) end
end
"""
)

# ARGV: now, most, cap, process, lease in ms, most of one owner. Gives the ids that the process now holds.
CLAIM: Final = (
    _LANES
    + """
local now, most, cap, process = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local places, taken, full = 'deliveries:places:' .. process, {}, {}
redis.call('SET', 'deliveries:alive:' .. process, '1', 'PX', ARGV[5])

local function take(lane, room)
  local one = lane_state(lane, cap)
  local count = math.min(one.cap - one.busy, room, QUANTUM)
  if one.from > now then count = 0 end
  if one.rate > 0 then
    local tat = math.max(one.tat, now)
    count = math.min(count, math.floor(one.burst - (tat - now) * one.rate + 1e-6))
  end
  local ids = {}
  if count > 0 then ids = redis.call('ZRANGEBYSCORE', 'deliveries:due:' .. lane, '-inf', now, 'LIMIT', 0, count) end
  for _, id in ipairs(ids) do
    redis.call('ZREM', 'deliveries:due:' .. lane, id)
    redis.call('HSET', 'deliveries:held:' .. process, id, lane)
    taken[#taken + 1] = id
  end
  if #ids > 0 then
    redis.call('HINCRBY', 'deliveries:busy', lane, #ids)
    redis.call('HINCRBY', places, owner_of(lane), #ids)
    if one.rate > 0 then
      local tat = math.max(one.tat, now) + #ids / one.rate
      redis.call('HSET', 'deliveries:lane:' .. lane, 'tat', string.format('%.6f', tat))
    end
  end
  refresh(lane, cap)
end

for _, owner in ipairs(redis.call('ZRANGEBYSCORE', 'deliveries:owners', '-inf', now, 'LIMIT', 0, most)) do
  redis.call('ZREM', 'deliveries:owners', owner)
  if not redis.call('ZSCORE', 'deliveries:turns', owner) then queue(owner) end
end
while #taken < most do
  local owner = redis.call('ZPOPMIN', 'deliveries:turns')[1]
  if not owner then break end
  local room = tonumber(ARGV[6]) - (tonumber(redis.call('HGET', places, owner)) or 0)
  local lane = redis.call('ZRANGEBYSCORE', 'deliveries:lanes:' .. owner, '-inf', now, 'LIMIT', 0, 1)[1]
  if not lane then stand(owner)
  elseif room <= 0 then full[#full + 1] = owner
  else
    queue(owner)
    take(lane, math.min(room, most - #taken))
  end
end
for _, owner in ipairs(full) do queue(owner) end
if #taken > 0 then redis.call('SADD', 'deliveries:holders', process) end
return taken
"""
)

# ARGV: now, process, cap, then for each delivery its id, record or '', seconds to keep it, attempt or '', lane, due or
# '', until when the lane rests or '', and whether the endpoint took it ('1', '0', or '' if it was not asked).
# What the process no longer holds is left alone: another one has taken over. Gives how many it still held.
SETTLE: Final = (
    _LANES
    + """
local now, process, cap, count, lanes = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), 0, {}

local function judge(lane, took)
  local key = 'deliveries:lane:' .. lane
  if took == '1' then redis.call('HDEL', key, 'fails', 'since', 'rest', 'rests')
  elseif took == '0' then
    redis.call('HSETNX', key, 'since', ARGV[1])
    local rest = tonumber(redis.call('HGET', key, 'rest')) or 0
    if redis.call('HINCRBY', key, 'fails', 1) >= TRIP and rest <= now then
      local rests = math.min(redis.call('HINCRBY', key, 'rests', 1), 20)
      redis.call('HSET', key, 'rest', now + math.min(REST * 2 ^ (rests - 1), LONGEST))
    end
  end
end

for i = 4, #ARGV, 8 do
  local id, record, keep, attempt, lane, due, wait, took = unpack(ARGV, i, i + 7)
  local held = redis.call('HGET', 'deliveries:held:' .. process, id)
  if held then
    redis.call('HDEL', 'deliveries:held:' .. process, id)
    less('deliveries:busy', held)
    less('deliveries:places:' .. process, owner_of(held))
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
    if wait ~= '' then redis.call('HSET', 'deliveries:lane:' .. lane, 'wait', wait) end
    if due ~= '' then redis.call('ZADD', 'deliveries:due:' .. lane, due, id) end
    judge(lane, took)
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
    _LANES
    + """
local count = 0
for _, process in ipairs(redis.call('SMEMBERS', 'deliveries:holders')) do
  if redis.call('EXISTS', 'deliveries:alive:' .. process) == 0 then
    local held = redis.call('HGETALL', 'deliveries:held:' .. process)
    for i = 1, #held, 2 do
      redis.call('ZADD', 'deliveries:due:' .. held[i + 1], ARGV[1], held[i])
      less('deliveries:busy', held[i + 1])
      refresh(held[i + 1], tonumber(ARGV[2]))
      count = count + 1
    end
    redis.call('DEL', 'deliveries:held:' .. process, 'deliveries:places:' .. process)
    redis.call('SREM', 'deliveries:holders', process)
  end
end
return count
"""
)
