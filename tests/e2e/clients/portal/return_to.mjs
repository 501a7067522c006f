// The rule of the pages for places to return to, held to the table that holds the gateway's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { fill, heading, more, press, settled, step, story, url } from './chromium.mjs';

const origins = ['https://app.example.com', 'http://localhost:3000'];
const table = JSON.parse(fs.readFileSync(more[0], 'utf8')).map(({ place, then = '', times = 0, ...row }) => (
  { ...row, place: place + then.repeat(times) }));

/** In the page: what the rule says of each place, and where a sign-in with it would lead. */
async function judge([rows, allowed]) {
  const { mayReturnTo, placeAfter } = await import('./assets/return-to.js');
  return rows.map((row) => {
    const search = `?${new URLSearchParams({ return_to: row.place })}`;
    const page = { origin: location.origin, href: location.href, search };
    const led = new URL(placeAfter(page, allowed));
    return { name: row.name, allowed: mayReturnTo(row.place, allowed), led: led.href, origin: led.origin };
  });
}

await story(async (it) => {
  const { page, complaints } = await it.person();
  await page.goto(url('sign-in'));
  await settled(page);
  const judged = await page.evaluate(judge, [table, origins]);
  const here = new URL(url('')).origin;
  for (const [i, row] of table.entries()) {
    assert.equal(judged[i].allowed, row.allowed, row.name);
    assert.ok([here, ...origins].includes(judged[i].origin), `${row.name} leads to ${judged[i].led}`);
    assert.equal(judged[i].led === url('account'), !row.allowed, `${row.name} leads to ${judged[i].led}`);
  }
  step('judged', judged.length);

  // And with a whole sign-in: what is refused leads to the account, and never anywhere else.
  await page.goto(url('register'));
  await fill(page, { Username: 'ann', Password: 'correct horse battery' });
  await press(page, 'Create account');
  await heading(page, 'Your account');
  const hostile = table.filter((row) => /evil|script|backslash/.test(row.name + row.place) && !row.allowed).slice(0, 12);
  for (const row of hostile) {
    await page.goto(`${url('sign-in')}?return_to=${encodeURIComponent(row.place)}`);
    await fill(page, { 'Username or e-mail address': 'ann', 'Password': 'correct horse battery' });
    await press(page, 'Sign in');
    await page.waitForURL(url('account'));
  }
  await page.goto(`${url('sign-in')}?return_to=/a&return_to=/b`);
  await fill(page, { 'Username or e-mail address': 'ann', 'Password': 'correct horse battery' });
  await press(page, 'Sign in');
  await page.waitForURL(url('account'));
  assert.deepEqual(complaints, []);
  step('signed in', hostile.length);
});
