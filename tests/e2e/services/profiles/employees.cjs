// A service behind the gateway: it answers with what it was told of the user.
const express = require('express');

const app = express();
app.use((req, res) => {
  res.json({ id: req.headers['x-user-id'], cookie: req.headers.cookie ?? null,
             authorization: req.headers.authorization ?? null });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
