-- List a match in the feed of a subscription or for its next digest, and drop the body of one that is too many.
--
-- Keys: the list or sorted set to add to; the other one of the subscription. Keys of matches are made of their ids.
-- Arguments: the id of the match; its rank for a digest, or '' for a feed; the most matches; the seconds that a mark is
--   kept, by which a repeated event is known.
-- Answer: none.
-- Atomicity: the body of a match is dropped only if neither the feed nor the digest lists it.

local id, rank, most, seconds = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local function drop_body(other)
  local key = 'match:' .. other
  if redis.call('EXISTS', key) == 1 then redis.call('SET', key, '', 'EX', seconds) end
end
if rank == '' then
  redis.call('LPUSH', KEYS[1], id)
  while redis.call('LLEN', KEYS[1]) > most do
    local last = redis.call('RPOP', KEYS[1])
    if not redis.call('ZSCORE', KEYS[2], last) then drop_body(last) end
  end
else
  redis.call('ZADD', KEYS[1], rank, id)
  while redis.call('ZCARD', KEYS[1]) > most do
    local least = redis.call('ZPOPMIN', KEYS[1])[1]
    if not redis.call('LPOS', KEYS[2], least) then drop_body(least) end
  end
end
