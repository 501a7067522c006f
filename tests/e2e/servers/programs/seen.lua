-- Tells what a service inside haproxy saw of the request, and answers as its path asks.
local function quoted(text)
    return '"' .. (text or ""):gsub('[^ !#-%[%]-~]', function(c) return string.format('\\u%04x', c:byte()) end) .. '"'
end

-- haproxy's own digests end with its buffer.
local function adler32(text)
    local a, b = 1, 0
    for begin = 1, #text, 64 do
        for _, byte in ipairs({text:byte(begin, begin + 63)}) do
            a = a + byte
            b = b + a
        end
        a, b = a % 65521, b % 65521
    end
    return b * 65536 + a
end

local every_byte = {}
for byte = 0, 255 do every_byte[#every_byte + 1] = string.char(byte) end
every_byte = table.concat(every_byte)

local function answer(applet, status, body, fields)
    applet:set_status(status)
    for name, value in pairs(fields or {}) do applet:add_header(name, value) end
    applet:start_response()
    if body then applet:send(body) end
end

core.register_service("seen", "http", function(applet)
    -- Of a request to upgrade it would wait for bytes behind the switch.
    local body = not applet.headers["upgrade"] and applet:receive() or ""
    local fields = {}
    for name, values in pairs(applet.headers) do
        for index = 0, #values do
            fields[#fields + 1] = "[" .. quoted(name) .. "," .. quoted(values[index]) .. "]"
        end
    end
    local seen = assert(io.open(os.getenv("SEEN"), "a"))
    seen:write(string.format('{"method":%s,"target":%s,"path":%s,"area":%s,"fields":[%s],"length":%d,"adler32":%d}\n',
                             quoted(applet.method), quoted(applet:get_var("txn.target")), quoted(applet:get_var("txn.path")),
                             quoted(applet:get_var("txn.area")), table.concat(fields, ","), #body, adler32(body)))
    seen:close()

    local asked = applet.path:match("[^/]*$")
    local count = asked:match("^bytes%-(%d+)$")
    if asked == "status-204" then
        answer(applet, 204)
    elseif asked == "status-304" then
        answer(applet, 304, nil, {ETag = '"1"'})
    elseif asked == "pieces" then
        answer(applet, 200, "one two three", {["Transfer-Encoding"] = "chunked"})
    elseif asked == "large-head" then
        local large = {["Content-Length"] = "5"}
        for i = 0, 39 do large["X-Large-" .. i] = ("v"):rep(400) end
        answer(applet, 200, "large", large)
    elseif count then
        local whole = every_byte:rep(count // 256 + 1):sub(1, count)
        answer(applet, 200, whole, {["Content-Length"] = count})
    else
        answer(applet, 200, "seen", {["Content-Length"] = "4"})
    end
end)
