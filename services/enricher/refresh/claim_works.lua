-- Return works whose lease has ended to their bands, then lease works that are due, band by band.
--
-- Keys: the sorted set of leases; the sorted set of each band, upper bands first.
-- Arguments: now; when the new leases end; how many works at most; for each band, the seconds after which its works are
--   due at most.
-- Answer: the leased works, each as `<band>:<work>`, as they stand among the leases.
-- Atomicity: a work moves from its band to the leases in one step; no other enricher can claim it meanwhile.

local now, lease, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- What is due later than anything can be was stored before the clock was put right.
for i = 1, #KEYS do
  local latest = i == 1 and lease or string.format('%.3f', now + ARGV[i + 2])
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '(' .. latest, '+inf', 'LIMIT', 0, 1000)) do
    redis.call('ZADD', KEYS[i], latest, member)
  end
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZADD', KEYS[2 + tonumber(string.sub(member, 1, 1))], now, string.sub(member, 3))
end
local taken = {}
for band = 0, #KEYS - 2 do
  for _, work in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2 + band], '-inf', now, 'LIMIT', 0, most - #taken)) do
    redis.call('ZREM', KEYS[2 + band], work)
    redis.call('ZADD', KEYS[1], lease, band .. ':' .. work)
    taken[#taken + 1] = band .. ':' .. work
  end
end
return taken
