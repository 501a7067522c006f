// An Express service of the ordinary kind. It answers every request with what it got.
const express = require('express');

const app = express();
app.use(express.raw({ type: () => true, limit: '64mb' }));
app.all('*', (request, response) => {
  response.json({
    method: request.method,
    url: request.originalUrl,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body.toString('latin1') : '',
  });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
