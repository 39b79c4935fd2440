-- Lanes: a library that claim.lua, settle.lua and take_over.lua begin with.
--
-- Every endpoint of an owner is a lane with due deliveries of its own, so that an endpoint that hangs fills its own
-- lane and no other. A lane is named `<owner's part>.<endpoint's part>`.
--
--   deliveries:due:<lane>        sorted set: deliveries by due time
--   deliveries:busy              hash: attempts under way by lane
--   deliveries:lane:<lane>       hash: what limits the lane
--     cap, rate                    attempts at once and per second
--     tat                          theoretical arrival time of the generic cell rate algorithm
--     wait                         no attempt before, because the endpoint asked for it
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
-- Times are Unix seconds. Keys are made here from what the scripts find, so they are not declared: one Redis, no
-- Redis Cluster.

local TRIP = 5        -- failures in a row that open the breaker of a lane; it then takes one probe at a time
local REST = 30       -- seconds that a breaker is open at first, doubled after every probe that fails
local LONGEST = 600   -- seconds that a breaker is open at most
local QUANTUM = 8     -- deliveries that an owner takes at one turn, at most

local function owner_of(lane) return string.match(lane, '^[^.]+') end

-- Read what limits a lane: `cap` attempts at once, `busy` under way, none before `from`; with a rate, `burst` and `tat`.
local function lane_state(lane, default_cap)
  local h = redis.call('HMGET', 'deliveries:lane:' .. lane, 'cap', 'rate', 'tat', 'wait', 'rest', 'fails')
  local state = {cap = tonumber(h[1]) or default_cap, rate = tonumber(h[2]) or 0, tat = tonumber(h[3]) or 0}
  state.from = math.max(tonumber(h[4]) or 0, tonumber(h[5]) or 0)
  if (tonumber(h[6]) or 0) >= TRIP then state.cap = 1 end
  if state.rate > 0 then
    state.burst = math.max(1, math.floor(state.rate))
    state.from = math.max(state.from, state.tat - (state.burst - 1) / state.rate)
  end
  state.busy = tonumber(redis.call('HGET', 'deliveries:busy', lane)) or 0
  return state
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
local function list_lane(lane, default_cap)
  local owner, state = owner_of(lane), lane_state(lane, default_cap)
  local first = redis.call('ZRANGE', 'deliveries:due:' .. lane, 0, 0, 'WITHSCORES')
  if #first == 0 or state.busy >= state.cap then
    redis.call('ZREM', 'deliveries:lanes:' .. owner, lane)
  else
    local when = math.ceil(math.max(tonumber(first[2]), state.from) * 1000) / 1000
    redis.call('ZADD', 'deliveries:lanes:' .. owner, string.format('%.3f', when), lane)
  end
  list_owner(owner)
end

-- Subtract one from a counter, and delete it at zero.
local function decrement(key, field)
  if redis.call('HINCRBY', key, field, -1) <= 0 then redis.call('HDEL', key, field) end
end
