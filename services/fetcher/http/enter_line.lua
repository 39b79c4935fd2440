-- Take the next step in the line of a host. Polls stand before those that yield; each group keeps its order of arrival.
--
-- Keys: the places taken; when the next request may start; until when the host is silent; the line; when each of the line
--   was seen last; the next turn that is booked for those who come back.
-- Arguments: now in ms or ''; ms between two requests; how many at once; the token of the request; ms after which a
--   place is free again; its rank; ms that it waits in line at most; ms after which one that is not seen has left; ms by
--   which a late request may make up.
-- A moment that lies further ahead than its own longest span was stored before the clock was put right, and is read so.
-- Answer: {0, 0} to go, {1, ms} to look again then, {2, ms} to come back then: the host is silent, or the line too long.
-- Atomicity: of several requests that look at once, one takes a place.

local places, free, quiet, line, seen, booked = unpack(KEYS)
local now, interval, most = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local token, hold, rank_of, patience, gone = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local slack = tonumber(ARGV[9])
-- Lower the moments of a sorted set that lie after the latest possible one.
local function bound(key, latest, above)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, string.format('(%.0f', latest), above)) do
    redis.call('ZADD', key, latest, member)
  end
end
-- Read two numbers: a moment, and what says whether it can be.
local function pair(key)
  local moment, other = string.match(redis.call('GET', key) or '', '^(%S+) (%S+)$')
  return tonumber(moment) or 0, tonumber(other) or 0
end
local function leave(wait)
  redis.call('ZREM', line, token) redis.call('ZREM', seen, token)
  local next, written = pair(booked)
  if written > now then next = 0 end
  local turn = math.max(next, now + wait)
  redis.call('SET', booked, string.format('%.0f %.0f', turn + interval, now), 'PX', math.ceil(turn + interval - now) + 1000)
  return {2, math.ceil(turn - now)}
end
bound(places, now + hold, '+inf') bound(seen, now, '+inf')
bound(line, now, 9e13) bound(line, 1e14 + now, '+inf')
local start = tonumber(redis.call('GET', free) or '0')
if start > now + interval then
  start = now + interval
  redis.call('SET', free, start, 'PX', interval + 1000)
end
local silence, whole = pair(quiet)
if silence > now + whole then
  silence = now + whole
  redis.call('SET', quiet, string.format('%.0f %.0f', silence, whole), 'PX', math.max(whole, 1))
end
if silence > now then return leave(silence - now) end
for _, left in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - tonumber(gone))) do
  redis.call('ZREM', line, left) redis.call('ZREM', seen, left)
end
redis.call('ZADD', line, 'NX', rank_of * 1e14 + now, token)
redis.call('ZADD', seen, now, token)
redis.call('PEXPIRE', line, 3600000) redis.call('PEXPIRE', seen, 3600000)
redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
local rank = redis.call('ZRANK', line, token)
local vacant = most - redis.call('ZCARD', places)
local pause = math.max(start - now, 0)
if pause > 0 or rank >= vacant or (rank > 0 and interval > 0) then
  local wait = pause + rank * interval
  if rank >= vacant then wait = math.max(wait, math.min(math.max(interval / 4, 50), 1000)) end
  if wait > patience then return leave(wait) end
  return {1, math.ceil(wait)}
end
local arrival = tonumber(redis.call('ZSCORE', line, token)) - rank_of * 1e14
redis.call('ZREM', line, token) redis.call('ZREM', seen, token)
redis.call('ZADD', places, now + hold, token) redis.call('PEXPIRE', places, hold)
if interval > 0 then
  local turn = math.max(start, arrival, now - slack)
  redis.call('SET', free, turn + interval, 'PX', interval + 1000)
end
return {0, 0}
