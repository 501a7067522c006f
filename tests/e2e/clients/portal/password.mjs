// Register, sign out, sign in, change the password, look at devices, leave: by password alone.
import assert from 'node:assert/strict';
import { fill, heading, look, notice, press, settled, step, story, url } from './chromium.mjs';

const password = 'correct horse battery';
const changed = 'another staple entirely';

async function register(page) {
  await page.goto(url('register'));
  await look(page, 'register');
  await press(page, 'Create account');
  assert.equal(await page.locator('[aria-invalid]').count(), 2, 'two fields are needed');
  await look(page, 'register-missing');
  await fill(page, { 'Username': 'ann', 'E-mail address (optional)': 'ann@example.com', 'Password': 'ann' });
  await press(page, 'Create account');
  await page.getByText('At least 8 characters, please.').waitFor();
  await fill(page, { Password: 'password123' });
  await press(page, 'Create account');
  await page.getByText('Too many people have this password').waitFor();
  await look(page, 'register-refused');
  await fill(page, { Password: password });
  await press(page, 'Create account');
  await heading(page, 'Your account');
}

async function nothingIsKept(page) {
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ''], 'no script can find a token');
}

await story(async (it) => {
  const { page, complaints, context } = await it.person({ expects: [400, 401, 403, 409, 422] });
  await register(page);
  await look(page, 'account');
  await nothingIsKept(page);
  await page.reload();
  await heading(page, 'Your account');
  step('signed in after a reload');

  await press(page, 'Sign out');
  await heading(page, 'Sign in to Orders');
  await notice(page, 'You are signed out.');
  await look(page, 'signed-out');
  await page.goto(url('account'));
  await heading(page, 'Sign in to Orders');
  assert.equal(new URL(page.url()).searchParams.get('return_to'), '/auth/portal/account');

  await fill(page, { 'Username or e-mail address': 'ann@example.com', 'Password': 'wrong' });
  await press(page, 'Sign in');
  await notice(page, 'The name or the password is not right.');
  await look(page, 'sign-in-refused');
  await fill(page, { Password: password });
  await press(page, 'Sign in');
  await heading(page, 'Your account');
  step('signed in by address');

  const elsewhere = await it.person();
  await elsewhere.page.goto(url('sign-in'));
  await fill(elsewhere.page, { 'Username or e-mail address': 'ann', 'Password': password });
  await press(elsewhere.page, 'Sign in');
  await heading(elsewhere.page, 'Your account');
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('.line').count(), 2);
  await look(page, 'account-devices');
  await page.getByRole('button', { name: /^Sign out: / }).click();
  await notice(page, 'That device is signed out.');
  assert.equal(await page.locator('.line').count(), 1);
  elsewhere.complaints.length = 0;
  await elsewhere.page.reload();
  await heading(elsewhere.page, 'Sign in to Orders');
  step('one device was signed out by another');

  await press(page, 'Change password');
  await fill(page, { 'Current password': 'wrong', 'New password': changed });
  await page.getByRole('button', { name: 'Change password', exact: true }).click();
  await page.getByText('The current password is not right.').waitFor();
  await look(page, 'change-password');
  await fill(page, { 'Current password': password });
  await press(page, 'Change password');
  await notice(page, 'Your password is changed.');
  await page.reload();
  await heading(page, 'Your account');
  step('the password is another one');

  await press(page, 'Sign out everywhere');
  await heading(page, 'Sign in to Orders');
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': changed });
  await press(page, 'Sign in');
  await heading(page, 'Your account');
  await press(page, 'Delete my account');
  await fill(page, { 'Current password': changed });
  await look(page, 'delete');
  await press(page, 'Delete for good');
  await notice(page, 'Your account is deleted.');
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': changed });
  await press(page, 'Sign in');
  await notice(page, 'The name or the password is not right.');
  await nothingIsKept(page);
  assert.deepEqual(complaints, []);
  assert.deepEqual((await context.cookies()).filter((each) => each.name === 'refresh_token'), []);
  step('the account is gone');
});
