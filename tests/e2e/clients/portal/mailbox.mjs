// The mails of the people in a story, as the test beside it got them.
import assert from 'node:assert/strict';
import { more } from './chromium.mjs';

/** The link of the latest mail to somebody about something, when there are `count`. */
export async function linkTo(to, about, count = 1) {
  const answer = await fetch(`${more[0]}?${new URLSearchParams({ to, about, count })}`);
  const { link } = await answer.json();
  assert.match(link, /^http:\/\/localhost:\d+\/auth\/portal\/(verify|reset)#token=[\w-]{43}$/);
  return link;
}
