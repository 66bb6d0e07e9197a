-- KEYS[1]: the hash of poll_lease.lua. ARGV: the replica, which wants nothing any more.
redis.call('HDEL', KEYS[1], 'i:' .. ARGV[1])
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'holder', 'until')
end
return 1
