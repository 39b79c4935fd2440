-- Append samples to the groups of a field of research, and keep the newest ones.
--
-- Keys: the hash of the field.
-- Arguments: in threes: the name of a group, the bytes to append, how many bytes to keep.
-- Answer: nothing.
-- Atomicity: every group is appended to and trimmed in one step; no sample of another enricher is lost.

for i = 1, #ARGV, 3 do
  local kept = (redis.call('HGET', KEYS[1], ARGV[i]) or '') .. ARGV[i + 1]
  redis.call('HSET', KEYS[1], ARGV[i], string.sub(kept, -tonumber(ARGV[i + 2])))
end
