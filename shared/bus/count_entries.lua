-- Count the entries of a stream after one of its ids. The entries stay in Redis: 10,000 of them are some 30 MB.
--
-- Keys: the stream.
-- Arguments: the id, with a bracket before it; how many at most.
-- Answer: the number of entries.
-- Atomicity: the count is of one moment.

return #redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
