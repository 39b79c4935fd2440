-- Make due again the deliveries of processes that no longer prove to be alive.
--
-- Keys: none declared; see lanes.lua.
-- Arguments: now; attempts at once of a lane without a cap of its own; the lease of a process in milliseconds.
-- Answer: how many deliveries were taken over.
-- Atomicity: a delivery is due again and no longer held in one step; two processes cannot both take it over.

local now, default_cap, lease, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), 0
for _, process in ipairs(redis.call('SMEMBERS', 'deliveries:holders')) do
  local alive = 'deliveries:alive:' .. process
  local left = redis.call('PTTL', alive)
  if left > lease then redis.call('PEXPIRE', alive, lease) end -- the clock was put right meanwhile
  if left == -2 then
    local held = redis.call('HGETALL', 'deliveries:held:' .. process)
    for i = 1, #held, 2 do
      local id, lane = held[i], held[i + 1]
      redis.call('ZADD', 'deliveries:due:' .. lane, now, id)
      decrement('deliveries:busy', lane)
      list_lane(lane, default_cap, tonumber(now))
      count = count + 1
    end
    redis.call('DEL', 'deliveries:held:' .. process, 'deliveries:places:' .. process)
    redis.call('SREM', 'deliveries:holders', process)
  end
end
return count
