// Nobody signs in before their address is known to be theirs: register, the mail, its link, and links that are none.
import assert from 'node:assert/strict';
import { fill, heading, look, notice, press, settled, step, story, url } from './chromium.mjs';
import { linkTo } from './mailbox.mjs';

const address = 'ann@example.com';
const password = 'correct horse battery';

async function signIn(page) {
  await page.goto(url('sign-in'));
  await settled(page);
  await fill(page, { 'Username or e-mail address': address, 'Password': password });
  await press(page, 'Sign in');
}

async function linkIsNone(page, link, name) {
  await page.goto(link);
  await press(page, 'Confirm address');
  await notice(page, 'This link is not valid');
  await look(page, name);
}

await story(async (it) => {
  const { page, complaints, context } = await it.person({ expects: [400, 401, 403] });
  await page.goto(url('register'));
  await settled(page);
  await page.getByText('We send a link there').waitFor();
  await fill(page, { 'Username (optional)': 'ann', 'Password': password });
  await press(page, 'Create account');
  assert.equal(await page.locator('[aria-invalid]').count(), 1, 'the address is needed');
  await fill(page, { 'E-mail address': address });
  await press(page, 'Create account');
  await heading(page, 'Please look into your mail');
  await look(page, 'registered');
  const first = await linkTo(address, 'verify');
  await page.getByRole('link', { name: 'Back to sign in' }).click();
  await heading(page, 'Sign in to Orders');
  await page.goto(url('account'));
  await heading(page, 'Sign in to Orders');
  assert.deepEqual((await context.cookies()).filter((each) => /token/.test(each.name)), []);
  step('registered, and not signed in');

  await signIn(page);
  await notice(page, 'Please confirm your address first');
  await look(page, 'not-yet');
  const second = await linkTo(address, 'verify', 2);
  step('sent another mail');

  await linkIsNone(page, first, 'superseded');
  await linkIsNone(page, `${url('verify')}#token=${'x'.repeat(43)}`, 'broken');
  await page.goto(second);
  await heading(page, 'Confirm your address');
  await page.getByRole('button', { name: 'Confirm address' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the secret of a link stays in no history');
  await look(page, 'link');
  await press(page, 'Confirm address');
  await notice(page, 'Thank you. Your address is confirmed.');
  await look(page, 'confirmed');
  await linkIsNone(page, second, 'used');
  step('confirmed, once');

  await signIn(page);
  await heading(page, 'Your account');
  await page.locator('dd', { hasText: address }).getByText('confirmed', { exact: true }).waitFor();
  await look(page, 'account');
  assert.deepEqual(complaints, []);
  step('signed in');
});
