-- Ask whether a request may be sent.
--
-- Keys: the breaker, a hash of `failures` in a row and of the time `until` (s) which nobody asks before.
-- Arguments: now in s; when the trial of a half-open breaker ends, in s.
-- Answer: 1 if it may be sent: always while the breaker is closed, and once at a time while it is half-open.
-- Atomicity: of several processes that ask a half-open breaker at once, one may try.

local row = redis.call('HMGET', KEYS[1], 'failures', 'until')
if not row[1] then return 1 end
if tonumber(row[2] or 0) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2])
return 1
