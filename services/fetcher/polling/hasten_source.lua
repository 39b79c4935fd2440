-- Make a source due now; one that is being polled is left to that.
--
-- Keys: the due times of live sources; those of local ones; the holders of leases.
-- Arguments: the source.
-- Answer: 0 if it is not enabled, else 1.
-- Atomicity: a poll that begins meanwhile is not disturbed.

if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return 1 end
return (redis.call('ZADD', KEYS[1], 'XX', 'CH', 0, ARGV[1]) + redis.call('ZADD', KEYS[2], 'XX', 'CH', 0, ARGV[1]))
