// A second factor: set up by the QR code's key, asked for at the next login, replaced and switched off.
import assert from 'node:assert/strict';
import { codeFor } from './app.mjs';
import { fill, heading, look, notice, press, step, story, url } from './chromium.mjs';

const password = 'correct horse battery';

async function signIn(page) {
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': password });
  await press(page, 'Sign in');
  await heading(page, 'Confirm that it is you');
}

await story(async (it) => {
  const { page, complaints } = await it.person({ expects: [400, 401, 403] });
  await page.goto(url('register'));
  await fill(page, { Username: 'ann', Password: password });
  await press(page, 'Create account');
  await heading(page, 'Your account');

  await press(page, 'Set up an app');
  await fill(page, { 'Current password': 'wrong' });
  await press(page, 'Continue');
  await page.getByText('The current password is not right.').waitFor();
  await fill(page, { 'Current password': password });
  await press(page, 'Continue');
  const picture = page.locator('img.qr');
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 20)), 'it can be drawn');
  const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
  await look(page, 'set-up');
  await fill(page, { 'Code from the app': '000000' });
  await press(page, 'Switch on');
  await notice(page, 'The code is not right.');
  await fill(page, { 'Code from the app': codeFor(secret) });
  await press(page, 'Switch on');
  await page.locator('.codes').waitFor();
  const codes = await page.locator('.codes code').allInnerTexts();
  assert.ok(codes.length >= 8 && new Set(codes).size === codes.length, String(codes));
  await look(page, 'codes');
  await press(page, 'I have kept them');
  await page.getByText(`Recovery codes left: ${codes.length}`).waitFor();
  await look(page, 'on');
  step('switched on');

  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await signIn(page);
  await look(page, 'code');
  await fill(page, { Code: '000000' });
  await press(page, 'Confirm');
  await notice(page, 'The code is not right.');
  await fill(page, { Code: codeFor(secret, 1) });
  await press(page, 'Confirm');
  await heading(page, 'Your account');
  step('signed in with a code');

  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await signIn(page);
  await fill(page, { Code: codes[0] });
  await press(page, 'Confirm');
  await heading(page, 'Your account');
  await page.getByText(`Recovery codes left: ${codes.length - 1}`).waitFor();
  step('signed in with a recovery code');

  await press(page, 'New recovery codes');
  await fill(page, { 'Current password': password, 'Code': codes[1] });
  await press(page, 'Make new codes');
  await page.locator('.codes').waitFor();
  const fresh = await page.locator('.codes code').allInnerTexts();
  assert.ok(!fresh.includes(codes[2]));
  await press(page, 'I have kept them');
  await press(page, 'Switch off');
  await fill(page, { 'Current password': password, 'Code': fresh[0] });
  await look(page, 'switch-off');
  await page.getByRole('button', { name: 'Switch off', exact: true }).click();
  await notice(page, 'The second factor is switched off.');
  assert.deepEqual(complaints, []);
  step('switched off');
});
