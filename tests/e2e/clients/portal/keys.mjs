// A person without a mouse.
import assert from 'node:assert/strict';

/** What has the focus, as a screen reader would name it, and whether one can see that it has. */
export const focused = () => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return { what: label.trim(), visible: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none' };
};

/** One press of a key that moves the focus, and where it is then. */
export async function tab(page, expected, key = 'Tab') {
  await page.keyboard.press(key);
  assert.deepEqual(await page.evaluate(focused), { what: expected, visible: true });
}

/** Goes on by Tab until something has the focus. */
export async function reach(page, name) {
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(focused)).what === name) return;
  }
  assert.fail(`${name} is out of reach`);
}
