// A person with a browser and passkeys, on a page behind the gateway.
//   node passkeys.mjs CHROMIUM BASE OTHER
// BASE is the gateway at localhost; OTHER serves the same page from another origin.
import { chromium } from 'playwright-core';

const [executablePath, BASE, OTHER] = process.argv.slice(2);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const INTERNAL = { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true,
  hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };

const tell = (step, value) => console.log(JSON.stringify({ step, value }));
const browser = await chromium.launch({ executablePath, args: FLAGS });
const context = await browser.newContext();

/// A page, and what stands in for the authenticators of its computer.
async function open(url) {
  const page = await context.newPage();
  await page.goto(`${url}/page/index.html`);
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  let authenticatorId = null;
  return {
    run: (what, argument) => page.evaluate(what, argument),
    page,
    devtools,
    id: () => authenticatorId,
    async plug(more = {}) {
      if (authenticatorId) await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      const options = { ...INTERNAL, ...more };
      ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options }));
    },
  };
}

const home = await open(BASE);
const post = (path, body, token) => home.run(async ([path_, body_, token_]) => {
  const headers = { 'Content-Type': 'application/json', ...(token_ && { Authorization: `Bearer ${token_}` }) };
  const answer = await fetch(`/auth/${path_}`, { method: 'POST', headers, body: JSON.stringify(body_ ?? {}) });
  return { status: answer.status, body: await answer.json() };
}, [path, body, token]);
const call = (method, path, token) => home.run(async ([method_, path_, token_]) => {
  const answer = await fetch(`/auth/${path_}`, { method: method_, headers: { Authorization: `Bearer ${token_}` } });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}, [method, path, token]);
const amr = (pair) => JSON.parse(atob(pair.accessToken.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).amr;

// --- With the functions that docs/PASSKEYS.md shows.
await home.plug();
const ada = (await post('register', { username: 'ada', password: 'correct horse battery' })).body;
tell('make', await home.run(async (token) => {
  const answer = await makePasskey(token, 'Phone');
  return { status: answer.status, body: await answer.json() };
}, ada.accessToken));
const signIn = (who, more) => home.run(async ([who_, more_]) => {
  const answer = await signInWithPasskey(who_, more_);
  return { status: answer.status, body: await answer.json() };
}, [who, more]);
for (const [step, who, more] of [['with a name', { username: 'ada' }], ['without a name', {}],
  ['autofill', {}, { mediation: 'conditional' }]]) {
  const entered = await signIn(who, more);
  tell(step, { status: entered.status, user: entered.body.user?.username, amr: amr(entered.body) });
}
tell('list', (await call('GET', 'passkeys', ada.accessToken)).body);

// --- With @simplewebauthn/browser, each kind of key and attestation.
const library = (token, change) => home.run(async ([token_, change_]) => {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token_}` };
  const asked = await fetch('/auth/passkeys/register/options', { method: 'POST', headers });
  const optionsJSON = { ...await asked.json(), ...change_ };
  const made = await SimpleWebAuthnBrowser.startRegistration({ optionsJSON });
  const body = JSON.stringify({ ...made, name: 'from the library' });
  const answer = await fetch('/auth/passkeys/register/verify', { method: 'POST', headers, body });
  return { status: answer.status, body: await answer.json(), made };
}, [token, change]);
/// What the browser answers to open options, not sent yet.
const sign = (who) => home.run(async (who_) => {
  const headers = { 'Content-Type': 'application/json' };
  const asked = await fetch('/auth/passkeys/login/options', { method: 'POST', headers, body: JSON.stringify(who_) });
  return SimpleWebAuthnBrowser.startAuthentication({ optionsJSON: await asked.json() });
}, who);
const enter = async (signed) => post('passkeys/login/verify', signed);
const attested = [];
for (const [name, alg, more, change] of [
  ['ES256', -7, {}, {}], ['EdDSA', -8, {}, {}], ['RS256', -257, {}, {}],
  ['packed', -7, {}, { attestation: 'direct' }],
  ['fido-u2f', -7, { protocol: 'u2f', ctap2Version: undefined, transport: 'usb', hasResidentKey: false,
    hasUserVerification: false, isUserVerified: false }, { attestation: 'direct' }],
]) {
  await home.plug(more);
  const user = (await post('register', { username: name, password: 'correct horse battery' })).body;
  const pubKeyCredParams = [{ type: 'public-key', alg }];
  const made = await library(user.accessToken, { pubKeyCredParams, ...change });
  const signed = await sign({ username: name });
  const entered = await enter(signed);
  attested.push({ name, rpId: 'localhost', made: made.made, signed });
  tell(name, { made: made.status, entered: entered.status, user: entered.body.user?.username,
    amr: entered.status === 200 && amr(entered.body) });
}
tell('responses', attested);

// --- Misuse.
await home.plug();
const bob = (await post('register', { username: 'bob', password: 'correct horse battery' })).body;
const made = await library(bob.accessToken, {});
const signed = await sign({});
tell('once', [(await enter(signed)).status, (await enter(signed)).status]);
const together = await sign({});
tell('together', (await Promise.all(Array.from({ length: 8 }, () => enter(together)))).map((each) => each.status));
tell('of somebody else', (await call('DELETE', `passkeys/${made.body.id}`, ada.accessToken)).status);

const authenticatorId = home.id();
const { credentials: [original] } = await home.devtools.send('WebAuthn.getCredentials', { authenticatorId });
await home.plug();
const copy = { ...original, signCount: 1 };
await home.devtools.send('WebAuthn.addCredential', { authenticatorId: home.id(), credential: copy });
tell('a copy that counted less', (await enter(await sign({}))).status);
await home.devtools.send('WebAuthn.clearCredentials', { authenticatorId: home.id() });
await home.devtools.send('WebAuthn.addCredential', { authenticatorId: home.id(), credential: { ...original, signCount: 50 } });
tell('and the right one', (await enter(await sign({}))).status);

const elsewhere = await open(OTHER);
await elsewhere.plug();
await elsewhere.devtools.send('WebAuthn.addCredential',
  { authenticatorId: elsewhere.id(), credential: { ...original, signCount: 90 } });
const options = (await post('passkeys/login/options', {})).body;
const phished = await elsewhere.run((optionsJSON) => SimpleWebAuthnBrowser.startAuthentication({ optionsJSON }), options);
tell('of another origin', (await enter(phished)).status);
tell('deleted', (await call('DELETE', `passkeys/${made.body.id}`, bob.accessToken)).status);
tell('after that', (await enter(await sign({}))).status);
await browser.close();
