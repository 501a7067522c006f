// A chat of the ordinary kind: `ws` below /ws, socket.io where it always is. `/seen` tells how each
// socket began and ended.
const http = require('http');
const { Server } = require('socket.io');
const { WebSocketServer } = require('ws');

const seen = [];
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(seen));
});

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
});
sockets.on('connection', (socket, request) => {
  const entry = { headers: request.headers, extensions: socket.extensions };
  seen.push(entry);
  socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
  socket.on('close', (code, reason) => Object.assign(entry, { code, reason: reason.toString() }));
  socket.on('error', (problem) => Object.assign(entry, { problem: problem.message }));
});
server.on('upgrade', (request, socket, head) => {
  if (request.url.startsWith('/socket.io')) return;
  sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
});

const io = new Server(server, { destroyUpgrade: false });
io.on('connection', (socket) => {
  const entry = { headers: socket.handshake.headers, transport: socket.conn.transport.name };
  seen.push(entry);
  socket.conn.on('upgrade', (transport) => Object.assign(entry, { transport: transport.name }));
  socket.on('say', (words, reply) => reply(words));
  socket.on('disconnect', (reason) => Object.assign(entry, { reason }));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
