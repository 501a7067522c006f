// Every page that has little to do: other languages, what is not offered, links that are none.
import assert from 'node:assert/strict';
import { heading, look, notice, settled, step, story, url } from './chromium.mjs';

await story(async (it) => {
  const { page, complaints } = await it.person({ locale: 'de-CH', reducedMotion: 'reduce' });
  await page.goto(url('sign-in'));
  await heading(page, 'Bei Orders anmelden');
  await look(page, 'german');
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.getByLabel('Sprache').selectOption('English');
  await heading(page, 'Sign in to Orders');
  await page.goto(url('register'));
  await heading(page, 'Create your Orders account');
  step('a language was chosen');

  for (const [name, title] of [['forgot', 'Forgot your password?'], ['reset', 'Choose a new password'],
    ['verify', 'Confirm your address']]) {
    await page.goto(url(name));
    await heading(page, title);
    await look(page, `${name}-none`);
  }
  await page.goto(`${url('verify')}#token=secret`);
  await heading(page, 'Confirm your address');
  await look(page, 'verify');
  assert.equal(new URL(page.url()).hash, '', 'the secret of a link stays in no history');
  await page.goto(`${url('reset')}#token=secret`);
  await heading(page, 'Choose a new password');
  await look(page, 'reset');
  await page.goto(`${url('sign-in')}?again=1`);
  await notice(page, 'For what comes next, please sign in once more.');
  await look(page, 'again');
  step('pages without a use');

  // Whatever should slip into a page stays text.
  const held = await page.evaluate(() => {
    const tried = [() => { document.body.innerHTML = '<b>x</b>'; }, () => document.write('x'),
      () => trustedTypes.createPolicy('any', {}), () => { document.createElement('script').src = '/x.js'; }];
    return tried.map((each) => { try { each(); return 'done'; } catch (error) { return error.name; } });
  });
  assert.deepEqual(held, Array(4).fill('TypeError'));
  step('scripts in disguise', held.length);
  assert.deepEqual(complaints.filter((each) => !/TrustedHTML|TrustedScript|trusted-types|Trusted Type/i.test(each)), []);

  // Twice the size of letters: 200 % by the browser, and nothing is cut off.
  await page.setViewportSize({ width: 640, height: 480 });
  await page.goto(url('sign-in'));
  await settled(page);
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  const cut = await page.evaluate(() => [...document.querySelectorAll('button, h1, label, input, a, select')]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline'
      && each.className !== 'skip').map((each) => each.outerHTML));
  assert.deepEqual(cut, []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 640));
  step('large letters');
});
