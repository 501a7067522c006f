// Passkeys: one is made, named, used by the button and by autofill, and taken away.
import assert from 'node:assert/strict';
import { fill, heading, look, notice, press, protocolOf, settled, step, story, url } from './chromium.mjs';

const password = 'correct horse battery';

/** A device that has passkeys and a person who always agrees. */
async function addAuthenticator(page) {
  const session = await protocolOf(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true } });
}

await story(async (it) => {
  const { page, context, complaints } = await it.person({ expects: [400, 401, 403] });
  await addAuthenticator(page);
  await page.goto(url('register'));
  await fill(page, { Username: 'ann', Password: password });
  await press(page, 'Create account');
  await heading(page, 'Your account');
  await press(page, 'Add a passkey');
  await notice(page, 'The passkey is added.');
  await press(page, 'Add a passkey');
  await notice(page, 'This device has a passkey for this account already.');
  await look(page, 'passkeys');
  await press(page, 'Rename');
  await fill(page, { 'Name of the passkey': 'My laptop' });
  await look(page, 'rename');
  await press(page, 'Save name');
  await notice(page, 'The name is changed.');
  await page.getByText('My laptop', { exact: true }).waitFor();
  step('made and named');

  // A test device answers autofill at once: whoever comes to the page is signed in.
  await Promise.all([page.waitForURL(/after=out/), press(page, 'Sign out')]);
  await page.waitForURL(url('account'));
  await heading(page, 'Your account');
  step('signed in by autofill');

  await context.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await settled(page);
  assert.equal(await page.getByLabel('Username or e-mail address').getAttribute('autocomplete'), 'username webauthn');
  await look(page, 'sign-in');
  await press(page, 'Sign in with a passkey');
  await heading(page, 'Your account');
  step('signed in by the button');

  await page.getByRole('button', { name: 'Remove passkey: My laptop' }).click();
  await notice(page, 'The passkey is removed.');
  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await press(page, 'Sign in with a passkey');
  await notice(page, 'This passkey is not accepted here.');
  await look(page, 'refused');
  assert.deepEqual(complaints, []);
  step('taken away');
});
