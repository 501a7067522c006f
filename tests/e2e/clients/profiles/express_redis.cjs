// A client of the Express + Redis tutorial's API: axios, paths, members and statuses as published.
//   node express_redis.cjs BASE
// Prints what each step came to, one JSON object per line: {"step": .., "status": .., "body": ..}
const axios = require('axios');
const jwt = require('jsonwebtoken');

const client = axios.create({ baseURL: process.argv[2], validateStatus: () => true });

async function step(name, answering) {
  const { status, data } = await answering;
  console.log(JSON.stringify({ step: name, status, body: data }));
  return data;
}

const withToken = (token) => ({ headers: { Authorization: `Bearer ${token}` } });

async function main() {
  const person = { email: 'john@example.com', password: 'correct horse' };
  const first = await step('register', client.post('/auth/register', person));
  await step('register again', client.post('/auth/register', person));
  await step('register badly', client.post('/auth/register', { email: 'john', password: 'x' }));
  await step('login unknown', client.post('/auth/login', { ...person, email: 'jane@example.com' }));
  await step('login wrong', client.post('/auth/login', { ...person, password: 'not that one' }));
  const second = await step('login', client.post('/auth/login', person));

  const verified = jwt.verify(second.accessToken, process.env.ACCESS_TOKEN_SECRET,
    { algorithms: ['HS256'], issuer: 'pickurpage.com' });
  await step('verified', { status: 0, data: verified });
  await step('home', client.get('/', withToken(second.accessToken)));
  await step('home without', client.get('/'));
  await step('home with the wrong token', client.get('/', withToken(second.refreshToken)));

  await step('refresh without', client.post('/auth/refresh-token', {}));
  const third = await step('refresh',
    client.post('/auth/refresh-token', { refreshToken: second.refreshToken }));
  await step('refresh again',
    client.post('/auth/refresh-token', { refreshToken: second.refreshToken }));
  await step('home after', client.get('/', withToken(third.accessToken)));

  const life = third && jwt.decode(third.accessToken).exp * 1000 - Date.now();
  await new Promise((resolve) => { setTimeout(resolve, life + 50); });
  await step('home expired', client.get('/', withToken(third.accessToken)));
  const fourth = await step('refresh when expired',
    client.post('/auth/refresh-token', { refreshToken: third.refreshToken }));
  await step('logout without', client.delete('/auth/logout'));
  await step('logout forged', client.delete('/auth/logout', { data: { refreshToken: 'x.y.z' } }));
  await step('logout',
    client.delete('/auth/logout', { data: { refreshToken: fourth.refreshToken } }));
  await step('refresh after',
    client.post('/auth/refresh-token', { refreshToken: fourth.refreshToken }));
  await step('home after logout', client.get('/', withToken(fourth.accessToken)));
  await step('the first login is untouched',
    client.post('/auth/refresh-token', { refreshToken: first.refreshToken }));
}

main();
