// The service of the Express + Redis tutorial behind the gateway: its own middleware verifies the
// access token with jsonwebtoken, as it did when it also issued it.
const express = require('express');
const JWT = require('jsonwebtoken');

function verifyAccessToken(req, res, next) {
  if (!req.headers['authorization']) return res.status(401).send('no token');
  const authHeader = req.headers['authorization'];
  const bearerToken = authHeader.split(' ');
  const token = bearerToken[1];
  JWT.verify(token, process.env.ACCESS_TOKEN_SECRET, (err, payload) => {
    if (err) {
      const message = err.name === 'JsonWebTokenError' ? 'Unauthorized' : err.message;
      return res.status(401).send(message);
    }
    req.payload = payload;
    next();
  });
}

const app = express();
app.get('/', verifyAccessToken, async (req, res) => {
  res.json({ hello: 'Hello from express.', user: req.payload.aud, issuer: req.payload.iss,
             header: req.headers['x-user-id'] });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
