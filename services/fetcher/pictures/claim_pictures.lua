-- Lease wishes for pictures, those of the newest papers first; those of papers that are too old leave. A lease that ends
--   without a result is a turn again.
--
-- Keys: the wishes; the wanted papers by when they were published; those that are looked for, or again later, by when
--   they are due; how often each was looked for.
-- Arguments: now in ms or ''; ms of a lease; ms of the longest wait; how often a picture is looked for at most; how many
--   wishes at most; seconds of the age of the oldest papers.
-- Answer: for each leased wish the id of its work, and the wish.
-- Atomicity: of several fetchers that claim at once, one gets a wish.

local wishes, wanted, later, tries = unpack(KEYS)
local now, most = now_ms(ARGV[1]), tonumber(ARGV[4])
-- What is due later than anything can be was stored before the clock was put right.
local latest = now + ARGV[3]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '(' .. latest, '+inf', 'LIMIT', 0, 1000)) do
  redis.call('ZADD', later, latest, id)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now, 'LIMIT', 0, 1000)) do
  local wish = redis.call('HGET', wishes, id)
  redis.call('ZREM', later, id)
  if wish and tonumber(redis.call('HGET', tries, id) or '0') < most then
    redis.call('ZADD', wanted, cjson.decode(wish).published, id)
  else
    redis.call('HDEL', wishes, id)
    redis.call('HDEL', tries, id)
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', wanted, '-inf', now / 1000 - ARGV[6], 'LIMIT', 0, 1000)) do
  redis.call('ZREM', wanted, id)
  redis.call('HDEL', wishes, id)
  redis.call('HDEL', tries, id)
end
local taken = {}
for _, id in ipairs(redis.call('ZREVRANGE', wanted, 0, ARGV[5] - 1)) do
  redis.call('ZREM', wanted, id)
  redis.call('ZADD', later, now + ARGV[2], id)
  redis.call('HINCRBY', tries, id, 1)
  taken[#taken + 1] = id
  taken[#taken + 1] = redis.call('HGET', wishes, id) or ''
end
return taken
