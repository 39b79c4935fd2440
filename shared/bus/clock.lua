-- A library: the clock of all processes. The loader puts it before every script.
--
-- Arguments of `now_ms`: milliseconds since 1970, which tests pass, or '' for the time of Redis.
-- Answer: milliseconds since 1970.
local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end

