// Tells what an Express application saw of the request, and answers as its path asks.
const crypto = require('crypto');
const express = require('express');
const fs = require('fs');

function tell(request, body, area) {
  const raw = request.rawHeaders;
  const pairs = raw.filter((_, i) => i % 2 === 0).map((name, i) => [name, raw[2 * i + 1]]);
  // What nearly all programs look at: lower case, and one value a name.
  const looked_at = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const path = Buffer.from(decodeURIComponent(new URL(request.originalUrl, 'http://x').pathname)).toString('latin1');
  fs.appendFileSync(process.env.SEEN, JSON.stringify({
    method: request.method, target: request.originalUrl, path, area, fields: pairs, looked_at,
    length: body.length, sha256: crypto.createHash('sha256').update(body).digest('hex'),
  }) + '\n');
}

function respond(request, response, asked) {
  response.setHeader('Content-Type', 'text/plain');
  const bytes = /^bytes-(\d+)$/.exec(asked);
  if (asked === 'status-204') return response.writeHead(204).end();
  if (asked === 'status-304') return response.writeHead(304, {ETag: '"1"'}).end();
  if (asked === 'pieces') {
    for (const piece of ['one ', 'two ', 'three']) response.write(piece);
    return response.end();
  }
  if (asked === 'trailers' && request.method !== 'HEAD') {
    response.setHeader('Trailer', 'X-Sum');
    response.write('with a sum');
    response.addTrailers({'X-Sum': '7'});
    return response.end();
  }
  if (asked === 'hints') {
    response.writeEarlyHints({link: '</style.css>; rel=preload'});
    return response.end('hinted');
  }
  if (asked === 'large-head') {
    for (let i = 0; i < 40; ++i) response.setHeader(`X-Large-${i}`, 'v'.repeat(400));
    return response.end('large');
  }
  if (bytes) {
    const every = Buffer.from(Array.from({length: 256}, (_, i) => i));
    return response.end(Buffer.alloc(Number(bytes[1]), every));
  }
  return response.writeHead(200, {'Content-Length': 4}).end('seen');
}

const app = express();
app.set('case sensitive routing', true);  // /PRIVATE is /private otherwise
app.use(['/private', '/public/private'], (request, _, next) => { request.area = 'private'; next(); });
app.use((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    tell(request, Buffer.concat(pieces), request.area || 'open');
    respond(request, response, request.path.split('/').pop());
  });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
