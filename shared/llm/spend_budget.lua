-- Spend one request and some tokens out of the budget of a day.
--
-- Keys: the hash of the day, with the `requests` and `tokens` that were spent.
-- Arguments: the requests and the tokens that may be spent in all; the tokens of this request; the seconds that the hash
--   is kept.
-- Answer: 1 if they were spent, 0 if the budget is at its end.
-- Atomicity: processes that ask at the same time do not spend more than there is.

local spent = redis.call('HMGET', KEYS[1], 'requests', 'tokens')
local requests, tokens = tonumber(spent[1] or 0), tonumber(spent[2] or 0)
if requests + 1 > tonumber(ARGV[1]) or tokens + tonumber(ARGV[3]) > tonumber(ARGV[2]) then return 0 end
redis.call('HINCRBY', KEYS[1], 'requests', 1)
redis.call('HINCRBY', KEYS[1], 'tokens', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
