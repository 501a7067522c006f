// A service that asks about tokens with oauth4webapi, as published: argv is the gateway, the way the
// service shows its credential, its client_id and its secret; each line of standard input is a call,
// ["introspect" or "revoke", token], and each line of standard output what came of it.
import * as readline from 'node:readline/promises';
import * as oauth from 'oauth4webapi';

const [base, way, clientId, secret] = process.argv.slice(2);
const server = {
  issuer: base,
  introspection_endpoint: `${base}/auth/introspect`,
  revocation_endpoint: `${base}/auth/revoke`,
};
const client = { client_id: clientId };
const ways = {
  basic: () => oauth.ClientSecretBasic(secret),
  post: () => oauth.ClientSecretPost(secret),
  none: () => oauth.None(),
};
const options = { [oauth.allowInsecureRequests]: true };

async function introspect(token) {
  const response = await oauth.introspectionRequest(server, client, ways[way](), token, options);
  return oauth.processIntrospectionResponse(server, client, response);
}

async function revoke(token) {
  const response = await oauth.revocationRequest(server, client, ways[way](), token, options);
  await oauth.processRevocationResponse(response);
  return 'revoked';
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [call, token] = JSON.parse(line);
  try {
    console.log(JSON.stringify(await { introspect, revoke }[call](token)));
  } catch (error) {
    console.log(JSON.stringify({ error: error.name, status: error.cause?.status ?? error.status ?? null }));
  }
}
