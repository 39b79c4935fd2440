-- Claim due deliveries for a process. Owners take turns, and each takes at most QUANTUM deliveries a turn.
--
-- Keys: none declared; see lanes.lua.
-- Arguments: now; how many at most; attempts at once of a lane without a cap of its own; the process; its lease in
--   milliseconds; how many the process may hold of one owner.
-- Answer: the ids of the claimed deliveries.
-- Atomicity: a delivery leaves its lane and is held by the process in one step; no other process can claim it.

local MAX_LOOKS = 2000 -- lanes that one call looks at, at most: no other client of Redis is served meanwhile

local now, most, default_cap, process = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local share = tonumber(ARGV[6])
local places, taken, full, looks = 'deliveries:places:' .. process, {}, {}, 0
redis.call('SET', 'deliveries:alive:' .. process, '1', 'PX', ARGV[5])

local function take(lane, room)
  local state = lane_state(lane, default_cap, now)
  bound_due(lane, now)
  local count = math.min(state.cap - state.busy, room, QUANTUM)
  if state.from > now then count = 0 end
  if state.rate > 0 then
    local tat = math.max(state.tat, now)
    count = math.min(count, math.floor(state.burst - (tat - now) * state.rate + 1e-6))
  end
  local ids = {}
  if count > 0 then ids = redis.call('ZRANGEBYSCORE', 'deliveries:due:' .. lane, '-inf', now, 'LIMIT', 0, count) end
  for _, id in ipairs(ids) do
    redis.call('ZREM', 'deliveries:due:' .. lane, id)
    redis.call('HDEL', 'deliveries:delays:' .. lane, id)
    redis.call('HSET', 'deliveries:held:' .. process, id, lane)
    taken[#taken + 1] = id
  end
  if #ids > 0 then
    redis.call('HINCRBY', 'deliveries:busy', lane, #ids)
    redis.call('HINCRBY', places, owner_of(lane), #ids)
    if state.rate > 0 then
      local tat = math.max(state.tat, now) + #ids / state.rate
      redis.call('HSET', 'deliveries:lane:' .. lane, 'tat', string.format('%.6f', tat))
    end
  end
  list_lane(lane, default_cap, now)
end

bound_list('deliveries:owners', now)
for _, owner in ipairs(redis.call('ZRANGEBYSCORE', 'deliveries:owners', '-inf', now, 'LIMIT', 0, most)) do
  redis.call('ZREM', 'deliveries:owners', owner)
  bound_list('deliveries:lanes:' .. owner, now)
  if not redis.call('ZSCORE', 'deliveries:turns', owner) then append_turn(owner) end
end
while #taken < most and looks < MAX_LOOKS do
  looks = looks + 1
  local owner = redis.call('ZPOPMIN', 'deliveries:turns')[1]
  if not owner then break end
  local room = share - (tonumber(redis.call('HGET', places, owner)) or 0)
  local lane = redis.call('ZRANGEBYSCORE', 'deliveries:lanes:' .. owner, '-inf', now, 'LIMIT', 0, 1)[1]
  if not lane then list_owner(owner)
  elseif room <= 0 then full[#full + 1] = owner
  else
    append_turn(owner)
    take(lane, math.min(room, most - #taken))
  end
end
for _, owner in ipairs(full) do append_turn(owner) end
if #taken > 0 then redis.call('SADD', 'deliveries:holders', process) end
return taken
