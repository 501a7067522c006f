// Fastify with its own plugins for tokens and proxying, and an access log.
const fs = require("node:fs");
const fastify = require("fastify");

const { PORT, BACKEND_PORT, ACCESS_TOKEN_SECRET, ACCESS_LOG } = process.env;
const log = fs.createWriteStream(ACCESS_LOG, { flags: "a" });
const app = fastify({ logger: { stream: log }, bodyLimit: 64 * 1024 * 1024 });

app.register(require("@fastify/jwt"), { secret: ACCESS_TOKEN_SECRET, verify: { algorithms: ["HS256"] } });
app.register(require("@fastify/http-proxy"), {
  upstream: `http://127.0.0.1:${BACKEND_PORT}`,
  undici: { connections: 256, pipelining: 1 },
  preHandler: async (request) => {
    await request.jwtVerify();
  },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => {
      const { authorization, ...others } = headers;
      return { ...others, "x-user-id": request.user.sub };
    },
  },
});
app.listen({ port: Number(PORT), host: "127.0.0.1", backlog: 4096 });
