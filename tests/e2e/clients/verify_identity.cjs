// A backend that wants to know who wrote X-User-Id: checks a signed identity with jsonwebtoken and
// the gateway's JWKS.  node verify_identity.cjs JWKS_URL AUDIENCE TOKEN
const crypto = require('node:crypto');
const jwt = require('jsonwebtoken');

const [url, audience, token] = process.argv.slice(2);

async function main() {
  const { keys } = await (await fetch(url)).json();
  const { header } = jwt.decode(token, { complete: true });
  if (header.typ !== 'identity+jwt') throw new Error(`this is a ${header.typ}`);
  const jwk = keys.find((key) => key.kid === header.kid);
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  return jwt.verify(token, key, { algorithms: [jwk.alg], audience, issuer: 'gatehouse' });
}

main().then(
  (claims) => console.log(JSON.stringify(claims)),
  (error) => console.log(JSON.stringify({ error: error.message })),
);
