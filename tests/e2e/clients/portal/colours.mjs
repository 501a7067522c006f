// The style sheet of a place: its colours are there, and still can be read.
import { look, press, settled, step, story, url } from './chromium.mjs';

await story(async (it) => {
  const { page } = await it.person();
  await page.goto(url('sign-in'));
  await settled(page);
  const buttons = {};
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    buttons[colorScheme] = await page.evaluate(
      () => getComputedStyle(document.querySelector('button.primary')).backgroundColor);
  }
  await press(page, 'Sign in');
  await look(page, 'own-colours');
  step('buttons', buttons);
});
