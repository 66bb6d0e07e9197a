-- KEYS[1]: the hash of poll_lease.lua; KEYS[2]: what the last poll has read that was answered.
-- ARGV: 1 the replica; 2 its fence; 3 the version of a poll; 4 whether it was answered (1); 5 what it has read, or empty
-- where that is not shared, and 6 for how many ms it is stored; 7 for how many ms the replica keeps the lease.
-- A poll that is older than another one changes nothing.
local version = tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if version > tonumber(redis.call('HGET', KEYS[1], 'polled') or 0) then
  redis.call('HSET', KEYS[1], 'polled', ARGV[3])
end
if ARGV[4] == '1' and version > tonumber(redis.call('HGET', KEYS[1], 'answered') or 0) then
  redis.call('HSET', KEYS[1], 'answered', ARGV[3], 'private', ARGV[5] == '' and 1 or 0)
  if ARGV[5] == '' then
    redis.call('DEL', KEYS[2])
  else
    redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[6])
  end
end
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] and redis.call('HGET', KEYS[1], 'fence') == ARGV[2] then
  redis.call('HSET', KEYS[1], 'until', now + ARGV[7])
end
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[6])
return 1
