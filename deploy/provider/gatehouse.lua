-- Asks Gatehouse whether a request may go on: `http-request lua.gatehouse HOST:PORT`. Where it may,
-- txn.admitted is true and txn.user is the user's id, if there is one; where it may not, Gatehouse's
-- answer is the answer. Without an answer nobody goes on. HAProxy itself goes on where a script
-- fails: refuse whoever has no txn.admitted behind this.

local function first(fields, name)
    return fields[name] and fields[name][0]
end

-- What is not of the request itself but of the way it came, or would change what is asked.
local left_out = {["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true,
                  ["expect"] = true, ["upgrade"] = true, ["te"] = true, ["trailer"] = true,
                  ["keep-alive"] = true, ["proxy-connection"] = true, ["host"] = true}

-- HAProxy's own client crashes (2.6) when it is given as many fields as a request may have.
local most_fields = 80

-- Nil: more than can be asked with.
local function question(txn)
    local fields, count = {}, 0
    for name, values in pairs(txn.http:req_get_headers()) do
        if not left_out[name] then
            local all = {}
            for i = 0, #values do all[#all + 1] = values[i] end
            fields[name] = all
            count = count + #all
        end
    end
    if count > most_fields then return nil end
    fields["host"] = {txn.sf:req_hdr("host")}
    fields["x-forwarded-method"] = {txn.sf:method()}
    fields["x-forwarded-uri"] = {txn.sf:pathq()}
    return fields
end

local function answer(txn, status, headers, body)
    local reply = txn:reply({status = status, body = body or ""})
    for _, name in ipairs({"content-type", "www-authenticate", "location", "cache-control", "vary",
                           "retry-after"}) do
        local value = first(headers, name)
        if value then reply:add_header(name, value) end
    end
    txn:done(reply)
end

core.register_action("gatehouse", {"http-req"}, function(txn, address)
    local fields = question(txn)
    if not fields then return answer(txn, 431, {}) end
    local told = core.httpclient():get({url = "http://" .. address .. "/auth/verify",
                                        headers = fields, timeout = 5000})
    if not told or not told.status or told.status == 0 then return answer(txn, 503, {}) end
    if told.status ~= 200 then return answer(txn, told.status, told.headers or {}, told.body) end
    local user = first(told.headers or {}, "x-user-id")
    if user then txn:set_var("txn.user", user) end
    txn:set_var("txn.admitted", true)
end, 1)
