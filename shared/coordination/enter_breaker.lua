-- Ask whether a request may be sent.
--
-- Keys: the breaker, a hash of `failures` in a row, of the time `until` (s) which nobody asks before, and of the `pause` (s)
--   that ends then.
-- Arguments: now in s; when the trial of a half-open breaker ends, in s.
-- Answer: 1 if it may be sent: always while the breaker is closed, and once at a time while it is half-open.
-- Atomicity: of several processes that ask a half-open breaker at once, one may try.

local row, now = redis.call('HMGET', KEYS[1], 'failures', 'until', 'pause'), tonumber(ARGV[1])
if not row[1] then return 1 end
local ends, latest = tonumber(row[2] or 0), now + (tonumber(row[3]) or math.huge)
if ends > latest then redis.call('HSET', KEYS[1], 'until', latest) end -- the clock was put right meanwhile
if ends > now then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2], 'pause', ARGV[2] - now)
return 1
