-- Lease sources that are due, the longest due first.
--
-- Keys: the due times of live sources; those of local ones; the holders of leases; the states of sources.
-- Arguments: now in ms or ''; seconds of a lease; the holder; how many at most; 1 for all sources, 2 for local ones.
-- Answer: the leased sources.
-- Atomicity: of several fetchers that claim at once, one gets a source.

local now, taken = now_ms(ARGV[1]) / 1000, {}
for i = tonumber(ARGV[5]), 2 do
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[4] - #taken)) do
    redis.call('ZADD', KEYS[i], now + ARGV[2], name)
    redis.call('HSET', KEYS[3], name, ARGV[3])
    taken[#taken + 1] = name
  end
end
return taken
