-- Lanes: a library that claim.lua, settle.lua and take_over.lua begin with.
--
-- Every endpoint of an owner is a lane with due deliveries of its own, so that an endpoint that hangs fills its own
-- lane and no other. A lane is named `<owner's part>.<endpoint's part>`.
--
--   deliveries:due:<lane>        sorted set: deliveries by due time
--   deliveries:delays:<lane>     hash: seconds from a failed attempt to the next one, by delivery
--   deliveries:busy              hash: attempts under way by lane
--   deliveries:lane:<lane>       hash: what limits the lane
--     cap, rate                    attempts at once and per second
--     tat                          theoretical arrival time of the generic cell rate algorithm
--     wait, pause                  no attempt before, because the endpoint asked for so many seconds
--     fails, since                 failures in a row, and the time of the first
--     rest, rests                  circuit breaker: open until, and how many times in a row it opened
--   deliveries:lanes:<owner>     sorted set: the owner's lanes that can take an attempt, by when
--   deliveries:owners            sorted set: owners by when their first lane can take an attempt
--   deliveries:turns, :turn      sorted set: owners whose time has come, in the order of their turns; its counter
--   deliveries:held:<process>    hash: lane by delivery that the process attempts
--   deliveries:places:<process>  hash: number of attempts of the process by owner
--   deliveries:alive:<process>   exists while the process proves to be alive
--   deliveries:holders           set: processes that may hold deliveries
--
-- Times are Unix seconds. The clock may have been put right since a moment was stored, so each is read as at most its own
-- longest span from now. What waits is looked at again after LOOK seconds at most. Keys are made here from what the scripts find, so they are not declared: one Redis, no
-- Redis Cluster.

local TRIP = 5        -- failures in a row that open the breaker of a lane; it then takes one probe at a time
local REST = 30       -- seconds that a breaker is open at first, doubled after every probe that fails
local LONGEST = 600   -- seconds that a breaker is open at most
local QUANTUM = 8     -- deliveries that an owner takes at one turn, at most

local LOOK = 60       -- seconds after which a lane that waits is looked at again, at most
local ASKED = 86400   -- seconds that an endpoint may ask to wait, at most

local function owner_of(lane) return string.match(lane, '^[^.]+') end

-- Return how long a breaker is open that opened so many times in a row.
local function rest_of(rests) return math.min(REST * 2 ^ (math.min(rests, 20) - 1), LONGEST) end

-- Return a moment of a lane, at most `longest` seconds from now, and store it if it was further away.
local function bounded(lane, field, moment, longest, now)
  moment = tonumber(moment) or 0
  if moment <= now + longest then return moment end
  redis.call('HSET', 'deliveries:lane:' .. lane, field, string.format('%.6f', now + longest))
  return now + longest
end

-- Read what limits a lane: `cap` attempts at once, `busy` under way, none before `from`; with a rate, `burst` and `tat`.
local function lane_state(lane, default_cap, now)
  local h = redis.call('HMGET', 'deliveries:lane:' .. lane, 'cap', 'rate', 'tat', 'wait', 'pause', 'rest', 'rests', 'fails')
  local state = {cap = tonumber(h[1]) or default_cap, rate = tonumber(h[2]) or 0, tat = 0}
  state.from = math.max(
    bounded(lane, 'wait', h[4], tonumber(h[5]) or ASKED, now),
    bounded(lane, 'rest', h[6], rest_of(tonumber(h[7]) or 20), now))
  if (tonumber(h[8]) or 0) >= TRIP then state.cap = 1 end
  if state.rate > 0 then
    state.burst = math.max(1, math.floor(state.rate))
    state.tat = bounded(lane, 'tat', h[3], state.burst / state.rate, now)
    state.from = math.max(state.from, state.tat - (state.burst - 1) / state.rate)
  end
  state.busy = tonumber(redis.call('HGET', 'deliveries:busy', lane)) or 0
  return state
end

-- Make the deliveries of a lane due after their own delay at most.
local function bound_due(lane, now)
  local due, delays = 'deliveries:due:' .. lane, 'deliveries:delays:' .. lane
  local later = redis.call('ZRANGEBYSCORE', due, string.format('(%.6f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1000)
  for i = 1, #later, 2 do
    local latest = now + (tonumber(redis.call('HGET', delays, later[i])) or 0)
    if tonumber(later[i + 1]) > latest then redis.call('ZADD', due, string.format('%.6f', latest), later[i]) end
  end
end

-- List members of a sorted set for now that were listed for later than anything is.
local function bound_list(key, now)
  local most = string.format('(%.6f', now + LOOK + 1)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, most, '+inf', 'LIMIT', 0, 1000)) do
    redis.call('ZADD', key, string.format('%.3f', now), member)
  end
end

-- List an owner by when its first lane can take an attempt, unless its turn is already due.
local function list_owner(owner)
  if redis.call('ZSCORE', 'deliveries:turns', owner) then return end
  local next = redis.call('ZRANGE', 'deliveries:lanes:' .. owner, 0, 0, 'WITHSCORES')
  if #next == 0 then redis.call('ZREM', 'deliveries:owners', owner)
  else redis.call('ZADD', 'deliveries:owners', next[2], owner) end
end

-- Append an owner to the turns.
local function append_turn(owner)
  redis.call('ZADD', 'deliveries:turns', redis.call('INCR', 'deliveries:turn'), owner)
end

-- List a lane by when it can take its next attempt, after anything about it has changed.
local function list_lane(lane, default_cap, now)
  local owner, state = owner_of(lane), lane_state(lane, default_cap, now)
  local first = redis.call('ZRANGE', 'deliveries:due:' .. lane, 0, 0, 'WITHSCORES')
  if #first == 0 or state.busy >= state.cap then
    redis.call('ZREM', 'deliveries:lanes:' .. owner, lane)
  else
    local when = math.ceil(math.min(math.max(tonumber(first[2]), state.from), now + LOOK) * 1000) / 1000
    redis.call('ZADD', 'deliveries:lanes:' .. owner, string.format('%.3f', when), lane)
  end
  list_owner(owner)
end

-- Subtract one from a counter, and delete it at zero.
local function decrement(key, field)
  if redis.call('HINCRBY', key, field, -1) <= 0 then redis.call('HDEL', key, field) end
end
