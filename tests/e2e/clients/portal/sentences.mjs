// What the pages make of refusals: those of a list, in each language.
import fs from 'node:fs';
import { more, settled, step, story, url } from './chromium.mjs';

const asked = JSON.parse(fs.readFileSync(more[0], 'utf8'));

/** In the page: its sentence for each code, and for what is said of fields. */
async function sentences({ codes, messages }) {
  const { fieldSentence, sentenceFor } = await import('./assets/problems.js');
  return {
    codes: Object.fromEntries(codes.map((code) => [code, sentenceFor({ code, retryAfter: 0 })])),
    messages: Object.fromEntries(messages.map((message) => [message, fieldSentence(message)])),
  };
}

await story(async (it) => {
  for (const locale of ['en-GB', 'de-DE']) {
    const { page } = await it.person({ locale });
    await page.goto(url('sign-in'));
    await settled(page);
    step(locale.slice(0, 2), await page.evaluate(sentences, asked));
  }
});
