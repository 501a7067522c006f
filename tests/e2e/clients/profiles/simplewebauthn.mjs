// The page of the example server of @simplewebauthn: its paths, its way to ask, no token in scripts.
//   node simplewebauthn.mjs CHROMIUM BASE
import { chromium } from 'playwright-core';

const [executablePath, BASE] = process.argv.slice(2);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const tell = (step, value) => console.log(JSON.stringify({ step, value }));
const browser = await chromium.launch({ executablePath, args: FLAGS });
const context = await browser.newContext();
const page = await context.newPage();
await page.goto(`${BASE}/page/index.html`);
const devtools = await context.newCDPSession(page);
await devtools.send('WebAuthn.enable');
await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal',
  hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });

const ask = (path, body) => page.evaluate(async ([path_, body_]) => {
  const answer = await fetch(path_, body_ && { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body_) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}, [path, body]);
const dance = (how, options, verify) => page.evaluate(async ([how_, options_, verify_]) => {
  const optionsJSON = await (await fetch(options_)).json();
  const response = await SimpleWebAuthnBrowser[how_]({ optionsJSON });
  const answer = await fetch(verify_, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(response) });
  return { status: answer.status, body: await answer.json() };
}, [how, options, verify]);
const enter = () => dance('startAuthentication', '/generate-authentication-options', '/verify-authentication');

tell('without a session', (await ask('/generate-registration-options')).status);
await ask('/auth/register', { username: 'ada', password: 'correct horse battery' });
tell('register', await dance('startRegistration', '/generate-registration-options', '/verify-registration'));
tell('sign out', (await ask('/auth/logout', {})).status);
tell('signed out', (await ask('/auth/me')).status);
tell('sign in', await enter());
tell('me', (await ask('/auth/me')).body.username);
tell('nothing readable', await page.evaluate(() => document.cookie.split('; ').map((each) => each.split('=')[0])));
await browser.close();
