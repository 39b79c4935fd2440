-- End the lease of a source: write when it is due again, and its state.
--
-- Keys: as of `claim_sources`.
-- Arguments: now in ms or ''; seconds until it is due again; the holder; the source; its state as JSON, or ''.
-- Answer: 1, or 0 if the lease was lost and nothing was written.
-- Atomicity: the due time and the state change together, and only while the lease is this holder's.

local due, name = now_ms(ARGV[1]) / 1000 + ARGV[2], ARGV[4]
if redis.call('HGET', KEYS[3], name) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[3], name)
redis.call('ZADD', KEYS[1], 'XX', due, name)
redis.call('ZADD', KEYS[2], 'XX', due, name)
redis.call('HSET', KEYS[5], name, ARGV[2])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], name, ARGV[5]) end
return 1
