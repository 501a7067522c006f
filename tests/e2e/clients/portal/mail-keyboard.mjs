// What comes by mail, without a mouse.
import assert from 'node:assert/strict';
import { heading, notice, settled, step, story, url } from './chromium.mjs';
import { focused, reach, tab } from './keys.mjs';
import { linkTo } from './mailbox.mjs';

const address = 'ann@example.com';

await story(async (it) => {
  const { page, complaints } = await it.person({ expects: [400, 401, 403] });
  const type = async (...words) => {
    for (const [i, word] of words.entries()) {
      if (i > 0) await page.keyboard.press('Tab');
      await page.keyboard.type(word);
    }
    await page.keyboard.press('Enter');
  };
  const hasFocus = async (what) => assert.equal((await page.evaluate(focused)).what, what);

  await page.goto(url('register'));
  await settled(page);
  await hasFocus('E-mail address');
  await type(address, 'ann', 'correct horse battery');
  await heading(page, 'Your account');
  await settled(page);
  await reach(page, 'Send a link to confirm it');
  await page.keyboard.press('Enter');
  await notice(page, 'The link is on its way.');
  step('asked for a link');

  await page.goto(await linkTo(address, 'verify', 2));
  await settled(page);
  await reach(page, 'Confirm address');
  await page.keyboard.press('Space');
  await notice(page, 'Your address is confirmed.');
  await hasFocus('Confirm your address');
  await tab(page, 'To your account');
  await page.keyboard.press('Enter');
  await heading(page, 'Your account');
  await settled(page);
  step('confirmed');

  await reach(page, 'Sign out');
  await page.keyboard.press('Enter');
  await heading(page, 'Sign in to Orders');
  await settled(page);
  for (const each of ['Password', 'Show: Password', 'Sign in', 'Forgot your password?']) await tab(page, each);
  await page.keyboard.press('Enter');
  await heading(page, 'Forgot your password?');
  await settled(page);
  await hasFocus('E-mail address');
  await type(address);
  await heading(page, 'Please look into your mail');
  await hasFocus('Please look into your mail');
  await tab(page, 'Back to sign in');
  step('forgot it');

  await page.goto(`${url('reset')}#token=broken`);
  await settled(page);
  await hasFocus('New password');
  await type('another staple entirely');
  await notice(page, 'This link is not valid');
  await hasFocus('Choose a new password');
  await tab(page, 'Send me another link');
  await page.goto(await linkTo(address, 'reset password'));
  await page.getByLabel('New password', { exact: true }).waitFor();
  await settled(page);
  await hasFocus('New password');
  await type('another staple entirely');
  await notice(page, 'Your password is changed');
  await hasFocus('Username or e-mail address');
  await type('ann', 'another staple entirely');
  await heading(page, 'Your account');
  assert.deepEqual(complaints, []);
  step('another password');
});
