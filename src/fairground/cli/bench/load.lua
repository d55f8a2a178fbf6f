-- Sends the requests of a file, each thread its own share. Arguments: file, threads, mode, rate.
-- A record is "<length of head> <length of tail>\n<head><tail>"; between head and tail of a record with a tail goes a
-- fresh key of 24 characters. Mode "round" goes through the file again and again; "once" sends each record once and
-- stops when all are answered. A rate above 0 spaces the requests of all threads together evenly.
local ffi = require("ffi")
ffi.cdef [[
  struct fg_timeval { long sec; long usec; };
  int gettimeofday(struct fg_timeval *tv, void *tz);
  int getpid(void);
  int kill(int pid, int sig);
]]
local now_at = ffi.new("struct fg_timeval")
local function now()
  ffi.C.gettimeofday(now_at, nil)
  return tonumber(now_at.sec) + tonumber(now_at.usec) / 1e6
end

-- wrk sleeps through its whole duration unless it is interrupted; "once" runs on one thread, so that this is the end.
local function finish()
  wrk.thread:stop()
  ffi.C.kill(ffi.C.getpid(), 2)
end

local threads = {}
function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local of = tonumber(args[2])
  once = args[3] == "once"
  local rate = tonumber(args[4])
  gap = rate > 0 and of / rate or 0
  heads, tails = {}, {}
  local at = 0
  while true do
    local sizes = file:read("*l")
    if not sizes or sizes == "" then break end
    local head_size, tail_size = sizes:match("(%d+) (%d+)")
    local head, tail = file:read(tonumber(head_size)), tonumber(tail_size) > 0 and file:read(tonumber(tail_size)) or false
    if at % of == number then
      heads[#heads + 1] = head
      tails[#tails + 1] = tail
    end
    at = at + 1
  end
  file:close()
  local random = assert(io.open("/dev/urandom", "rb"))
  local stamp = ""
  for _, byte in ipairs({ random:read(6):byte(1, 6) }) do stamp = stamp .. string.format("%02x", byte) end
  random:close()
  prefix = stamp .. string.format("%02d", number)
  sent, reserved, answered, first_at, last_at, sent_at, next_at = 0, 0, 0, 0, 0, 0, 0
  statuses = {}
  if once then response = note end
  if not once and gap == 0 then delay = nil end
end

function delay()
  if once then
    if reserved >= #heads then return leftover() end
    reserved = reserved + 1
  end
  if gap == 0 then return 0 end
  local moment = now()
  if next_at == 0 then next_at = moment + gap * number end
  local wait = next_at - moment
  next_at = next_at + gap
  return wait > 0 and wait * 1000 or 0
end

-- All requests are given out: look again in a moment. A connection that broke before it sent leaves its request to
-- another; one that broke afterwards is not waited for longer than ten seconds.
function leftover()
  local quiet = now() - math.max(sent_at, last_at)
  if sent < #heads and quiet > 1 then
    reserved = sent + 1
    sent_at = now()
    return 0
  end
  if quiet > 10 then finish() end
  return 200
end

function request()
  if once then sent_at = now() end
  if sent == 0 then first_at = now() end
  sent = sent + 1
  local at = (sent - 1) % #heads + 1
  local tail = tails[at]
  if not tail then return heads[at] end
  return heads[at] .. prefix .. string.format("%010d", sent) .. tail
end

function note(status)
  local name = "s" .. status
  statuses[name] = (statuses[name] or 0) + 1
  answered = answered + 1
  last_at = now()
  if answered == #heads then finish() end
end

function done(summary, latency, requests)
  local counts, first, last = {}, 0, 0
  for _, thread in ipairs(threads) do
    for name, count in pairs(thread:get("statuses") or {}) do counts[name] = (counts[name] or 0) + count end
    local began, ended = thread:get("first_at"), thread:get("last_at")
    if first == 0 or (began > 0 and began < first) then first = began end
    if ended > last then last = ended end
  end
  local words = {}
  for name, count in pairs(counts) do words[#words + 1] = string.format('"%s": %d', name:sub(2), count) end
  local errors = summary.errors
  io.write(string.format(
    'FAIRGROUND {"requests": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, "p50": %.1f, "p99": %.1f, "spread": %.6f, "statuses": {%s}}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), last - first, table.concat(words, ", ")))
end
