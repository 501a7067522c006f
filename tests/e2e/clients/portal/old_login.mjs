// A login that is too old for a new passkey: one more brings the person back, and then it works.
import assert from 'node:assert/strict';
import { fill, heading, notice, press, protocolOf, step, story, url } from './chromium.mjs';

await story(async (it) => {
  const { page, complaints, context } = await it.person({ expects: [401] });
  await context.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  const session = await protocolOf(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true } });
  await page.goto(url('register'));
  await fill(page, { Username: 'ann', Password: 'correct horse battery' });
  await press(page, 'Create account');
  await heading(page, 'Your account');
  const registered = Math.floor(Date.now() / 1000);
  await page.waitForFunction((second) => Date.now() / 1000 > second + 2.5, registered);
  await press(page, 'Add a passkey');
  await page.waitForURL(/again=1/);
  await notice(page, 'For what comes next, please sign in once more.');
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': 'correct horse battery' });
  await press(page, 'Sign in');
  await page.waitForURL(url('account'));
  await press(page, 'Add a passkey');
  await notice(page, 'The passkey is added.');
  assert.deepEqual(complaints, []);
  step('one more login');
});
