-- Move an entry to the dead letters, unless another consumer has settled it meanwhile.
--
-- Keys: the stream; the stream of its dead letters; the progress of its import, or ''.
-- Arguments: the group; the id of the entry; the seconds that progress is kept; the fields of the dead letter.
-- Answer: 1 if it was moved, 0 if it was not pending any more.
-- Atomicity: acknowledgement, dead letter and progress are written together, once for an entry.

if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 4))
if KEYS[3] ~= '' then
  redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
  redis.call('HINCRBY', KEYS[3], 'dead', 1)
  redis.call('EXPIRE', KEYS[3], ARGV[3])
end
return 1
