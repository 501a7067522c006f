// The common tutorial: Express, jsonwebtoken and http-proxy, with an access log.
const { createSecretKey } = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const express = require("express");
const httpProxy = require("http-proxy");
const jwt = require("jsonwebtoken");

const { PORT, BACKEND_PORT, SECRET_FORM, ACCESS_TOKEN_SECRET, ACCESS_LOG } = process.env;
const key = SECRET_FORM === "string" ? ACCESS_TOKEN_SECRET : createSecretKey(Buffer.from(ACCESS_TOKEN_SECRET));
const log = fs.createWriteStream(ACCESS_LOG, { flags: "a" });
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${BACKEND_PORT}`,
  agent: new http.Agent({ keepAlive: true, maxSockets: 256 }),
});
proxy.on("error", (error, request, response) => response.writeHead(502).end());

const app = express();
app.disable("x-powered-by");
app.use((request, response, next) => {
  const began = Date.now();
  response.on("finish", () => log.write(
    `${request.method} ${request.originalUrl} ${response.statusCode} ${Date.now() - began}\n`));
  next();
});
app.use((request, response, next) => {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  if (scheme !== "Bearer" || !token) return response.sendStatus(401);
  jwt.verify(token, key, { algorithms: ["HS256"] }, (error, claims) => {
    if (error) return response.sendStatus(401);
    request.headers["x-user-id"] = claims.sub;
    delete request.headers.authorization;
    next();
  });
});
app.use((request, response) => proxy.web(request, response));
app.listen(Number(PORT), "127.0.0.1", 4096);
