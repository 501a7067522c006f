// Somebody opens a page of the service behind the gateway, is sent to sign in, and comes back.
import assert from 'node:assert/strict';
import { base, fill, heading, notice, press, settled, step, story, url } from './chromium.mjs';

async function signIn(page) {
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': 'correct horse battery' });
  await press(page, 'Sign in');
}

await story(async (it) => {
  const { page, complaints, context } = await it.person({ expects: [401, 404] });
  await page.goto(`${base}/orders/7?lines=all&q=a%20b`);
  await heading(page, 'Sign in to Orders');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await heading(page, 'Create your Orders account');
  await fill(page, { Username: 'ann', Password: 'correct horse battery' });
  await press(page, 'Create account');
  await page.waitForURL(`${base}/orders/7?lines=all&q=a%20b`);
  step('registered and came back', await page.locator('body').innerText());

  await page.goto(url('account'));
  await heading(page, 'Your account');
  await press(page, 'Sign out');
  await notice(page, 'You are signed out.');
  assert.deepEqual((await context.cookies()).filter((each) => /token/.test(each.name)), []);
  const script = await page.evaluate(async (place) => (await fetch(place, { headers: { Accept: 'text/html' } })).status,
    `${base}/orders/7`);
  assert.equal(script, 401, 'a script of a page gets no page');
  await page.goto(`${base}/orders/8`);
  await heading(page, 'Sign in to Orders');
  await signIn(page);
  await page.waitForURL(`${base}/orders/8`);
  step('signed in and came back', await page.locator('body').innerText());

  // One that wants a fresh login asks for one more as soon as this one is too old for it.
  do await page.goto(`${base}/vault`); while (!page.url().startsWith(url('sign-in')));
  await notice(page, 'For what comes next, please sign in once more.');
  await settled(page);
  await signIn(page);
  await page.waitForURL(`${base}/vault`);
  step('signed in once more', await page.locator('body').innerText());
  assert.deepEqual(complaints, []);
});
