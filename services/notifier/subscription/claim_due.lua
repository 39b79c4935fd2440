-- Claim what is due in a sorted set, by moving its due time to the end of a lease.
--
-- Keys: the sorted set, members by due time in Unix seconds.
-- Arguments: now; how many at most; when the lease ends; how many seconds ahead a member is due at most.
-- Answer: the members that were due, the longest due first.
-- Atomicity: of several processes that claim at once, one gets a member; if it dies, the member is due after the lease.

-- What is due later than anything can be was stored before the clock was put right.
local latest = string.format('%.0f', ARGV[1] + ARGV[4] + 1)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], latest, '+inf', 'LIMIT', 0, 1000)) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[1], member)
end
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(members) do redis.call('ZADD', KEYS[1], 'XX', ARGV[3], member) end
return members
