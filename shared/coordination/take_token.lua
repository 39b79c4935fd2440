-- Take a token out of a bucket, which is full at first.
--
-- Keys: the bucket, a hash of `tokens` and of the time `at` (ms) at which there were so many.
-- Arguments: now in ms or ''; how many tokens a full bucket holds; tokens that come back a ms; '1' if they come evenly,
--   '0' if the bucket is filled at once when the time for all of them has passed.
-- Answer: 0 for a token, else the ms until there is one; the tokens left; the ms until the bucket is full.
-- Atomicity: a token is given to one process only. Time does not go back when the clock of one process is behind that of
--   another, or each change of hands would fill the bucket a little. Further ahead than SKEW is a clock that was put right.

local SKEW = 60000 -- ms that the clocks of two processes differ at most

local now, most, rate = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local row = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local at, tokens, period = tonumber(row[2] or now), tonumber(row[1] or most), most / rate
if at > now + math.min(period, SKEW) then at = now end
local passed = math.max(now - at, 0)
if ARGV[4] == '1' then
  tokens, at = math.min(most, tokens + passed * rate), math.max(now, at)
elseif passed >= period then
  tokens, at, passed = most, now, 0
end
local wait = 0
if tokens >= 1 then tokens = tokens - 1
elseif ARGV[4] == '1' then wait = math.ceil((1 - tokens) / rate)
else wait = math.ceil(period - passed) end
local reset = period - passed
if ARGV[4] == '1' then reset = (most - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(period) + 60000)
return { wait, math.floor(tokens), math.ceil(reset) }
