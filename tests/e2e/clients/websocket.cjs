// WebSocket clients as people use them, unmodified.
//   node websocket.cjs STORY URL TOKEN
// Prints a line of JSON for each thing that happened.
const crypto = require('crypto');
const { io } = require('socket.io-client');
const WebSocket = require('ws');

const [story, url, token] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));
const bearer = { headers: { Authorization: `Bearer ${token}` } };

function open(protocols, options) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/room`, protocols, options);
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

const next = (socket) => new Promise((resolve) => { socket.once('message', resolve); });
const ended = (socket) => new Promise((resolve) => {
  socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
});

async function say(socket, message) {
  const answer = next(socket);
  socket.send(message);
  return Buffer.compare(await answer, Buffer.from(message)) === 0;
}

const stories = {
  /// With a header, as servers and apps do it; large messages, pings, a clean end.
  async header() {
    const socket = await open([], bearer);
    const small = await say(socket, 'hello');
    const large = await say(socket, crypto.randomBytes(1 << 20));
    const repetitive = await say(socket, 'a'.repeat(1 << 20));
    const pong = new Promise((resolve) => { socket.once('pong', (data) => resolve(data.toString())); });
    socket.ping('are you there');
    const end = ended(socket);
    const answer = await pong;
    socket.close(4001, 'enough');
    tell({ small, large, repetitive, pong: answer, extensions: socket.extensions, end: await end });
  },
  /// As a page has to do it.
  async protocol() {
    const alone = await open(['bearer', token]);
    const chat = await open(['bearer', token, 'chat']);
    tell({ protocols: [alone.protocol, chat.protocol], echo: [await say(alone, 'a'), await say(chat, 'b')] });
    alone.close();
    chat.close();
  },
  async refused() {
    await open([]).then(() => tell('open'), (problem) => tell(problem.message));
  },
  async many() {
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => open([], bearer)));
    tell({ open: sockets.length });
    const right = await Promise.all(sockets.map((socket, i) => say(socket, `I am ${i}`)));
    tell({ right: right.filter(Boolean).length });
    await new Promise((resolve) => { process.stdin.once('data', resolve); });
    process.stdin.unref();
    const ends = sockets.map(ended);
    sockets.forEach((socket) => socket.close());
    tell({ clean: (await Promise.all(ends)).filter(({ code }) => code === 1005).length });
  },
  /// Says that it is there, and then how it ended.
  async stay() {
    const socket = await open([], bearer);
    const end = ended(socket);
    tell({ echo: await say(socket, 'here') });
    tell(await end);
  },
  async socketio() {
    for (const transports of [['polling', 'websocket'], ['websocket'], ['polling']]) {
      const socket = io(url, { transports, extraHeaders: bearer.headers, reconnection: false });
      const upgraded = transports.length === 2
        ? new Promise((resolve) => { socket.io.engine.once('upgrade', resolve); }) : undefined;
      await new Promise((resolve, reject) => {
        socket.on('connect', resolve);
        socket.on('connect_error', reject);
      });
      await upgraded;
      const echo = await socket.emitWithAck('say', 'ä'.repeat(100000));
      tell({ transport: socket.io.engine.transport.name, echo: echo.length });
      socket.disconnect();
    }
  },
};

stories[story]().catch((problem) => {
  console.error(problem);
  process.exitCode = 1;
});
