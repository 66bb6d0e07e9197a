-- One token bucket that replicas share. They lease tokens, which they take from then on without asking.
-- KEYS[1]: the bucket, a hash: cap, rate (tokens a second), tok (tokens that are not leased), at (when tok was right, in
-- ms), blk (until when nothing is leased), and for each replica l:<id> (the tokens that it has leased and not taken, and
-- when it said so).
-- ARGV: 1 the replica; 2 the tokens that it has, below 0 what it has taken beyond them; 3 how many it gives back, and
-- 4 wants; what it knows of the bucket: 5 capacity, 6 tokens a second, 7 whether these hold for all (1), 8 tokens, its own
-- included, 9 for how many ms it is blocked; 10 the part of the capacity that is not leased; 11 the live replicas; 12 how
-- long what a replica said of its lease counts, in ms.
-- Returns granted tokens; in thousandths tokens (leased ones included), capacity, tokens a second; and in ms for how long
-- it is blocked, and until a token can be leased.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local raw, h, leased = redis.call('HGETALL', KEYS[1]), {}, 0
local own, gone = 'l:' .. ARGV[1], {}
for i = 1, #raw, 2 do
  local field, value = raw[i], raw[i + 1]
  if field:sub(1, 2) == 'l:' then
    local tokens, at = value:match('^(%S+) (%S+)$')
    if now - tonumber(at) > tonumber(ARGV[12]) then
      gone[#gone + 1] = field
    elseif field ~= own then
      leased = leased + tonumber(tokens)
    end
  else
    h[field] = tonumber(value)
  end
end
local has, want = tonumber(ARGV[2]), tonumber(ARGV[4])
local cap, rate = tonumber(ARGV[5]), tonumber(ARGV[6])
local spent = cap - tonumber(ARGV[8]) -- as this replica knows; its capacity may be another one than all know
local tok, blk = h.tok, h.blk or 0
if tok then
  tok = tok + math.max(0, now - h.at) * h.rate / 1000
  if ARGV[7] == '1' then
    tok = tok + cap - h.cap -- spent tokens stay spent
  else
    cap, rate = h.cap, h.rate
  end
else
  tok = cap
end
tok = tok + tonumber(ARGV[3])
if has < 0 then
  tok, has = tok + has, 0
end
leased = leased + has
-- What a replica has seen others spend is spent.
tok = math.max(0, math.min(tok, cap - math.max(spent, 0) - leased))
blk = math.max(blk, now + tonumber(ARGV[9]))
local reserve = math.floor(tonumber(ARGV[10]) * cap)
local free, granted, wait = math.floor(tok - reserve), 0, 0
if blk > now then
  wait = blk - now
elseif want > 0 and free >= 1 then
  granted = math.min(want, free, math.max(1, math.floor(free / (2 * tonumber(ARGV[11])))))
  tok, has, leased = tok - granted, has + granted, leased + granted
elseif free < 1 then
  wait = math.ceil((reserve + 1 - tok) * 1000 / rate)
end
for _, field in ipairs(gone) do
  redis.call('HDEL', KEYS[1], field)
end
redis.call('HSET', KEYS[1], 'cap', cap, 'rate', rate, 'tok', tok, 'at', now, 'blk', blk, own, has .. ' ' .. now)
redis.call('PEXPIRE', KEYS[1], math.ceil(60000 + math.max(cap * 1000 / rate, blk - now)))
local m = function(x) return math.floor(x * 1000) end
return {granted, m(tok + leased), m(cap), m(rate), math.max(0, blk - now), wait}
