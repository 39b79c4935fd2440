-- Renew the leases of sources that are being polled.
--
-- Keys: as of `claim_sources`.
-- Arguments: now in ms or ''; seconds of a lease; the holder; the sources.
-- Answer: nothing.
-- Atomicity: a lease that another holder has taken over is left alone.

local ends = now_ms(ARGV[1]) / 1000 + ARGV[2]
for i = 4, #ARGV do
  if redis.call('HGET', KEYS[3], ARGV[i]) == ARGV[3] then
    redis.call('ZADD', KEYS[1], 'XX', ends, ARGV[i])
    redis.call('ZADD', KEYS[2], 'XX', ends, ARGV[i])
    redis.call('HSET', KEYS[5], ARGV[i], ARGV[2])
  end
end
