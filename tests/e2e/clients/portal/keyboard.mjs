// All of it without a mouse: the focus is seen, goes in the order of the page, and is where things happen.
import assert from 'node:assert/strict';
import { heading, settled, step, story, url } from './chromium.mjs';
import { focused, reach, tab } from './keys.mjs';

await story(async (it) => {
  const { page, complaints } = await it.person({ expects: [401] });
  await page.goto(url('sign-in'));
  await settled(page);
  assert.equal((await page.evaluate(focused)).what, 'Username or e-mail address', 'one can begin to type');
  for (const each of ['Password', 'Show: Password', 'Sign in', 'Create an account', 'Language']) await tab(page, each);
  await page.reload();
  await settled(page);
  await tab(page, 'Skip to the content', 'Shift+Tab');
  step('the order of the page');

  await page.goto(url('register'));
  await settled(page);
  await page.keyboard.press('Enter');
  assert.equal((await page.evaluate(focused)).what, 'Username', 'the first field that is wrong');
  await page.keyboard.type('ann');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await heading(page, 'Your account');
  step('an account by Enter alone');

  await reach(page, 'Change password');
  await page.keyboard.press('Enter');
  assert.equal((await page.evaluate(focused)).what, 'Current password', 'the form that was opened');
  await reach(page, 'Cancel');
  await page.keyboard.press('Space');
  assert.equal((await page.evaluate(focused)).what, 'Change password', 'and back');
  await reach(page, 'Sign out everywhere');
  await page.keyboard.press('Enter');
  await heading(page, 'Sign in to Orders');
  await settled(page);
  await page.keyboard.type('ann');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.equal(await alert.innerText(), 'The name or the password is not right.');
  assert.deepEqual(complaints, []);
  step('errors are announced');
});
