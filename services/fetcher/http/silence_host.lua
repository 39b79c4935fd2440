-- Keep all fetchers from a host for a while.
--
-- Keys: until when the host is silent, and for how many ms in all.
-- Arguments: now in ms or ''; ms of silence.
-- Answer: nothing.
-- Atomicity: one write.

redis.call('SET', KEYS[1], string.format('%.0f %.0f', now_ms(ARGV[1]) + ARGV[2], ARGV[2]), 'PX', ARGV[2])
