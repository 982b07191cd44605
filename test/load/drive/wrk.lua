-- Sends every body of a file once, in order, and counts the answers that come between two moments.
-- wrk ... -s wrk.lua URL -- BODIES PATH WARM_SECONDS MEASURED_SECONDS
-- On a kept-alive connection the next request goes out when the answer is in, so requests are counted in answers' place
-- and wrk need not collect the answers for Lua.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
]]
local time = ffi.new("bench_time")
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

local threads = {}
function setup(thread)
  threads[#threads + 1] = thread
end

local requests = {}
local sent = 0
local from, till
-- Read by done() through thread:get(), hence global.
counted, first, last, exhausted = 0, 0, 0, 0

function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", args[2], headers, body)
  end
  from, till = tonumber(args[3]), tonumber(args[4])
end

function request()
  local at = now()
  if sent == 0 then
    from = at + from
    till = from + till
  end
  if at >= from and at < till then
    counted = counted + 1
    if first == 0 then first = at end
    last = at
  end
  sent = sent + 1
  if sent >= #requests then
    if sent == #requests and at > from and at < till then exhausted = at - from end
    wrk.thread:stop()
  end
  return requests[math.min(sent, #requests)]
end

function done(summary, latency, _)
  local thread = threads[1]
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"counted":%d,"span":%.6f,"exhausted":%.6f,"requests":%d,"p50":%.4f,"p90":%.4f,"p99":%.4f,"max":%.4f,"refused":%d,"broken":%d}\n',
    thread:get("counted"), thread:get("last") - thread:get("first"), thread:get("exhausted"), summary.requests,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
