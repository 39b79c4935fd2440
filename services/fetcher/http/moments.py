"""One clock for all fetchers: Redis's, whatever the clocks of their hosts say."""

from typing import Final

REDIS_TIME: Final = """
local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end
"""
"""Put before a script, gives it the time in ms since 1970. A test gives the time itself; nobody else does."""
