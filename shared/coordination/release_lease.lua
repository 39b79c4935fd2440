-- Release a lease, unless another holder has taken it over.
--
-- Keys: the lease.
-- Arguments: the token of this holder.
-- Answer: 1 if it was this holder's.
-- Atomicity: the lease of another holder is never deleted.

if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
