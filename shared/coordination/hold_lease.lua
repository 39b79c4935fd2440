-- Take a lease, or renew it.
--
-- Keys: the lease, a string with the token of its holder.
-- Arguments: the token of this holder; ms until the lease ends.
-- Answer: 0 if it is this holder's, else the ms after which the other's ends.
-- Atomicity: of several holders that ask at once, one gets it.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  local left, longest = redis.call('PTTL', KEYS[1]), tonumber(ARGV[2])
  if left > longest then redis.call('PEXPIRE', KEYS[1], longest) end -- the clock was put right meanwhile
  return math.max(math.min(left, longest), 1)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
