-- Lease sources that are due, the longest due first.
--
-- Keys: the due times of live sources; those of local ones; the holders of leases; the states of sources; the
--   seconds of their present waits; the time of the last claim.
-- Arguments: now in ms or ''; seconds of a lease; the holder; how many at most; 1 for all sources, 2 for local ones.
-- Answer: the leased sources.
-- Atomicity: of several fetchers that claim at once, one gets a source.

local now, taken = now_ms(ARGV[1]) / 1000, {}

-- Make sources due after their own waits at most, as the clock was put right since the last claim.
local function bound(key)
  local later = redis.call('ZRANGEBYSCORE', key, '(' .. now, '+inf', 'WITHSCORES')
  for i = 1, #later, 2 do
    local latest = now + (tonumber(redis.call('HGET', KEYS[5], later[i])) or math.huge)
    if tonumber(later[i + 1]) > latest then redis.call('ZADD', key, latest, later[i]) end
  end
end

if now < tonumber(redis.call('GET', KEYS[6]) or '0') then
  for i = 1, 2 do bound(KEYS[i]) end
end
redis.call('SET', KEYS[6], string.format('%.3f', now))
for i = tonumber(ARGV[5]), 2 do
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[4] - #taken)) do
    redis.call('ZADD', KEYS[i], now + ARGV[2], name)
    redis.call('HSET', KEYS[3], name, ARGV[3])
    redis.call('HSET', KEYS[5], name, ARGV[2])
    taken[#taken + 1] = name
  end
end
return taken
