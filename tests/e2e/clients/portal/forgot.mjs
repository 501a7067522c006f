// A forgotten password: the mail, its link, another password, and everybody else is signed out.
import assert from 'node:assert/strict';
import { fill, heading, look, notice, press, settled, step, story, url } from './chromium.mjs';
import { linkTo } from './mailbox.mjs';

const address = 'ann@example.com';
const password = 'correct horse battery';
const other = 'another staple entirely';

async function signIn(page, with_) {
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': with_ });
  await press(page, 'Sign in');
}

/** What the page says whoever asks, and how it looks. */
async function forget(page, who) {
  await page.goto(url('forgot'));
  await settled(page);
  await fill(page, { 'E-mail address': who });
  await press(page, 'Send link');
  await heading(page, 'Please look into your mail');
  return (await page.locator('main').innerText()).replace(who, 'somebody');
}

async function setPassword(page, link, password_) {
  await page.goto(link);
  await fill(page, { 'New password': password_ });
  await press(page, 'Set new password');
}

await story(async (it) => {
  const { page, complaints } = await it.person({ expects: [400, 401, 403, 422] });
  await page.goto(url('register'));
  await fill(page, { 'E-mail address': address, 'Username (optional)': 'ann', 'Password': password });
  await press(page, 'Create account');
  await heading(page, 'Your account');
  const profile = page.locator('dd', { hasText: address });
  await profile.getByText('not confirmed', { exact: true }).waitFor();
  await press(page, 'Send a link to confirm it');
  await notice(page, 'The link is on its way.');
  await look(page, 'not-confirmed');
  await linkTo(address, 'verify', 2);
  step('an address that is not confirmed');

  const elsewhere = await it.person({ expects: [400, 401, 403] });
  await elsewhere.page.goto(url('sign-in'));
  await signIn(elsewhere.page, password);
  await heading(elsewhere.page, 'Your account');
  await settled(elsewhere.page);

  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await settled(page);
  await look(page, 'sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await heading(page, 'Forgot your password?');
  await look(page, 'forgot');
  await fill(page, { 'E-mail address': 'ann' });
  await press(page, 'Send link');
  await page.getByText('This is not an e-mail address.').waitFor();
  await look(page, 'forgot-refused');
  const nobody = await forget(page, 'nobody@example.com');
  assert.equal(await forget(page, address), nobody, 'it says the same whoever asks');
  await look(page, 'sent');
  const link = await linkTo(address, 'reset password');
  step('a link was sent');

  await setPassword(page, `${url('reset')}#token=broken`, other);
  await notice(page, 'This link is not valid');
  await page.getByRole('link', { name: 'Send me another link' }).waitFor();
  await look(page, 'broken');
  await page.goto(link); // in the same window: only what is behind the # is another
  await page.getByLabel('New password', { exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the secret of a link stays in no history');
  await look(page, 'reset');
  await fill(page, { 'New password': 'ann' });
  await press(page, 'Set new password');
  await page.getByText('At least 8 characters, please.').waitFor();
  await look(page, 'reset-refused');
  await fill(page, { 'New password': other });
  await press(page, 'Set new password');
  await notice(page, 'Your password is changed, and you are signed out everywhere.');
  await look(page, 'after-reset');
  step('another password');

  await elsewhere.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await heading(elsewhere.page, 'Sign in to Orders');
  await elsewhere.page.goto(url('account'));
  await heading(elsewhere.page, 'Sign in to Orders');
  await settled(elsewhere.page);
  await signIn(elsewhere.page, password);
  await notice(elsewhere.page, 'The name or the password is not right.');
  assert.deepEqual(elsewhere.complaints, []);
  step('signed out elsewhere');

  await page.goto(url('sign-in'));
  await signIn(page, other);
  await heading(page, 'Your account');
  await profile.getByText('confirmed', { exact: true }).waitFor();
  assert.equal(await page.locator('.line').count(), 1, 'one session');
  await setPassword(page, link, password);
  await notice(page, 'This link is not valid');
  await look(page, 'used');
  assert.deepEqual(complaints, []);
  step('signed in with it');
});
