-- Leave the line of a host, and the place taken.
--
-- Keys: the places taken; the line; when each of the line was seen last.
-- Arguments: the token of the request.
-- Answer: nothing.
-- Atomicity: the place is free for the next as soon as the line is left.

for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
