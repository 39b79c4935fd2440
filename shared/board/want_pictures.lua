-- Wish pictures of papers. Of too many wishes those of the oldest papers leave.
--
-- Keys: the wishes; the wanted papers by when they were published; those that are looked for, or again later; how often
--   each was looked for.
-- Arguments: how many wishes at most; for each paper its id, when it was published, and the wish as JSON.
-- Answer: nothing.
-- Atomicity: a wish is in one of the two orders.

local wishes, wanted, later, tries = unpack(KEYS)
for i = 2, #ARGV, 3 do
  redis.call('HSET', wishes, ARGV[i], ARGV[i + 2])
  redis.call('ZADD', wanted, ARGV[i + 1], ARGV[i])
  redis.call('ZREM', later, ARGV[i])
  redis.call('HDEL', tries, ARGV[i])
end
local over = redis.call('HLEN', wishes) - ARGV[1]
if over > 0 then
  for _, id in ipairs(redis.call('ZRANGE', wanted, 0, over - 1)) do
    redis.call('ZREM', wanted, id)
    redis.call('HDEL', wishes, id)
  end
end
