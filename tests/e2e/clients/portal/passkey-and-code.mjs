// A passkey whose device does not ask who holds it is one factor: where an account has an app, its code is asked for.
import assert from 'node:assert/strict';
import { codeFor } from './app.mjs';
import { fill, heading, look, notice, press, protocolOf, settled, step, story, url } from './chromium.mjs';

const password = 'correct horse battery';

const amrOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).amr;

/** In the page: signs in with the passkey, where the device is asked to look who holds it. */
async function signInVerified(place) {
  const { getPasskey } = await import('./assets/webauthn.js');
  const post = async (path, body) => (await fetch(`${place}/auth${path}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json();
  const options = await post('/passkeys/login/options', {});
  return post('/passkeys/login/verify', await getPasskey({ ...options, userVerification: 'required' }));
}

await story(async (it) => {
  const { page, context, complaints } = await it.person({ expects: [401, 403] });
  await context.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  const session = await protocolOf(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true } });

  await page.goto(url('register'));
  await fill(page, { Username: 'ann', Password: password });
  await press(page, 'Create account');
  await heading(page, 'Your account');
  await press(page, 'Add a passkey');
  await notice(page, 'The passkey is added.');
  await press(page, 'Set up an app');
  await fill(page, { 'Current password': password });
  await press(page, 'Continue');
  await page.locator('img.qr').waitFor();
  const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
  await fill(page, { 'Code from the app': codeFor(secret) });
  await press(page, 'Switch on');
  await press(page, 'I have kept them');
  // Chromium looks who it is whenever a passkey is made that can do without a name; from here on the device does not.
  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await settled(page);

  const half = page.waitForResponse((answer) => answer.url().endsWith('/auth/passkeys/login/verify'));
  await press(page, 'Sign in with a passkey');
  const refused = await half;
  const { code, methods, loginToken } = (await refused.json()).error;
  assert.deepEqual([refused.status(), code, methods], [403, 'second_factor_required', ['totp', 'recovery_code']]);
  assert.ok(loginToken);
  assert.deepEqual((await context.cookies()).filter((each) => /token/.test(each.name)), [], 'nothing is given yet');
  await heading(page, 'Confirm that it is you');
  await look(page, 'asked');
  await fill(page, { Code: '000000' });
  await press(page, 'Confirm');
  await notice(page, 'The code is not right.');
  step('asked');

  await fill(page, { Code: codeFor(secret, 1) });
  const own = page.waitForRequest((request) => request.url().endsWith('/auth/me'));
  await press(page, 'Confirm');
  await heading(page, 'Your account');
  step('with a code', amrOf((await own).headers().authorization));

  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await settled(page);
  const pair = await page.evaluate(signInVerified, new URL(url('')).origin);
  step('by a device that looks', amrOf(pair.accessToken));
  assert.deepEqual(complaints, []);
});
