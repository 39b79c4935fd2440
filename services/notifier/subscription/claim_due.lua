-- Claim what is due in a sorted set, by moving its due time to the end of a lease.
--
-- Keys: the sorted set, members by due time in Unix seconds.
-- Arguments: now; how many at most; when the lease ends.
-- Answer: the members that were due, the longest due first.
-- Atomicity: of several processes that claim at once, one gets a member; if it dies, the member is due after the lease.

local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(members) do redis.call('ZADD', KEYS[1], 'XX', ARGV[3], member) end
return members
