-- Lease sources that are due, the longest due first.
--
-- Keys: the due times of live sources; those of local ones; the holders of leases; the states of sources; the
--   seconds of their present waits.
-- Arguments: now in ms or ''; seconds of a lease; the holder; how many at most; 1 for all sources, 2 for local ones.
-- Answer: the leased sources.
-- Atomicity: of several fetchers that claim at once, one gets a source.

local now, taken = now_ms(ARGV[1]) / 1000, {}
for i = tonumber(ARGV[5]), 2 do
  -- The clock may have been put right meanwhile: nothing is due later than after its own wait.
  local later = redis.call('ZRANGEBYSCORE', KEYS[i], '(' .. now, '+inf', 'WITHSCORES')
  for j = 1, #later, 2 do
    local latest = now + (tonumber(redis.call('HGET', KEYS[5], later[j])) or math.huge)
    if tonumber(later[j + 1]) > latest then redis.call('ZADD', KEYS[i], latest, later[j]) end
  end
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[4] - #taken)) do
    redis.call('ZADD', KEYS[i], now + ARGV[2], name)
    redis.call('HSET', KEYS[3], name, ARGV[3])
    redis.call('HSET', KEYS[5], name, ARGV[2])
    taken[#taken + 1] = name
  end
end
return taken
