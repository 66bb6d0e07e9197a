-- KEYS[1]: the replicas, by their last heartbeat. ARGV: the replica; how long one is alive without another heartbeat, in ms.
-- Returns the server's time in microseconds, and the number of replicas.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {t[1] * 1000000 + t[2], redis.call('ZCARD', KEYS[1])}
