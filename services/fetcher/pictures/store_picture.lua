-- Store the picture of a paper, if it is still wanted. Of too many pictures those that were stored first leave.
--
-- Keys: what is known of pictures; the pictures; when each was stored; the wishes; the wanted papers; those that are
--   looked for, or again later; how often each was looked for.
-- Arguments: now in ms or ''; the id of the work; what is known of its picture; the picture; how many pictures at most.
-- Answer: 1 if it was stored; 0 if the paper was withdrawn meanwhile.
-- Atomicity: a picture is stored as long as its wish is there, and is known if it is stored.

local rows, bodies, kept, wishes, wanted, later, tries = unpack(KEYS)
local id = ARGV[2]
if redis.call('HEXISTS', wishes, id) == 0 then return 0 end
redis.call('HDEL', wishes, id)
redis.call('HDEL', tries, id)
redis.call('ZREM', wanted, id)
redis.call('ZREM', later, id)
redis.call('HSET', rows, id, ARGV[3])
redis.call('HSET', bodies, id, ARGV[4])
redis.call('ZADD', kept, now_ms(ARGV[1]), id)
local over = redis.call('ZCARD', kept) - ARGV[5]
if over > 0 then
  for _, old in ipairs(redis.call('ZRANGE', kept, 0, over - 1)) do
    redis.call('HDEL', rows, old)
    redis.call('HDEL', bodies, old)
    redis.call('ZREM', kept, old)
  end
end
return 1
