// Many requests in flight while the access token expires. Usage:
//   node expiry.cjs BASE KIND RUNS REQUESTS
// Each run is a person of its own. All sign up, it says "ready" and goes on with a line of its input.
// Then it prints one JSON line for each run:
// {"sent": 200, "lost": 0, "refreshes": 1, "reasons": {"403 refresh_token_reused": 3}}
const http = require('node:http');
const { once } = require('node:events');
const { randomUUID } = require('node:crypto');
const axios = require('axios');
const kinds = require('./refreshing.cjs');

const [base, kind, runs, requests] = [
  process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];

const SPREAD_MS = 100; // requests are sent from this long before the expiry to as long after it

const until = (time) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, time - Date.now())); });

function expiryOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp * 1000;
}

function reasonOf(error) {
  return error.response
    ? `${error.response.status} ${error.response.data?.error?.code}` : String(error.code ?? error.message);
}

async function signUp() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { data } = await axios.post(
    `${base}/auth/register`, { username: `u${randomUUID()}`, password: 'correct horse battery' });
  const tokens = { ...data, refreshes: 0 };
  return { agent, tokens };
}

async function run({ agent, tokens }) {
  const client = kinds[kind](base, tokens, agent);
  const expiry = expiryOf(tokens.accessToken);

  const reasons = {};
  const sending = Array.from({ length: requests }, async (_, number) => {
    await until(expiry - SPREAD_MS + (2 * SPREAD_MS * number) / requests);
    try {
      await client.get(`/items/${number}`);
    } catch (error) {
      const reason = reasonOf(error);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
  });
  await Promise.all(sending);
  agent.destroy();
  const lost = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  console.log(JSON.stringify({ sent: requests, lost, refreshes: tokens.refreshes, reasons }));
}

async function main() {
  const people = await Promise.all(Array.from({ length: runs }, signUp));
  console.log('"ready"');
  await once(process.stdin, 'data');
  await Promise.all(people.map(run));
  process.exit();
}

main();
