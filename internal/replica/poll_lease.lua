-- The lease of one poller. KEYS[1]: a hash: holder, fence (how many holders there were), until (in ms), polled and
-- answered (the versions of the last poll, and of the last one that was answered), private (what was answered is not
-- shared), and for each replica i:<id> (until when it wants something to be polled, and what).
-- ARGV: 1 the replica; 2 for how many ms it wants the lease; 3 what it wants to be polled, and 4 for how many ms.
-- Returns whether the replica has the lease, its fence, for how many ms another one has it, polled, answered, private, and
-- what the others want.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local raw, h, wants = redis.call('HGETALL', KEYS[1]), {}, {}
for i = 1, #raw, 2 do
  local field, value = raw[i], raw[i + 1]
  if field:sub(1, 2) ~= 'i:' then
    h[field] = value
  elseif field ~= 'i:' .. ARGV[1] then
    local till = value:match('^%d+')
    if tonumber(till) > now then
      wants[#wants + 1] = value:sub(#till + 2)
    else
      redis.call('HDEL', KEYS[1], field)
    end
  end
end
local held = h.holder == ARGV[1]
local left, fence = tonumber(h['until'] or 0) - now, tonumber(h.fence or 0)
if not held and left <= 0 then
  held, fence = true, fence + 1
  redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'fence', fence)
end
if held then
  left = tonumber(ARGV[2])
  redis.call('HSET', KEYS[1], 'until', now + left)
end
redis.call('HSET', KEYS[1], 'i:' .. ARGV[1], string.format('%d ', now + ARGV[4]) .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[4])
return {held and 1 or 0, fence, left, tonumber(h.polled or 0), tonumber(h.answered or 0), tonumber(h.private or 0), wants}
