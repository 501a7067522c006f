// Chromium for stories about the account pages: what every page has to be is checked on every page.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

export const [, , executablePath, base, pictures, ...more] = process.argv;

export const url = (page) => `${base}/auth/portal/${page}`;

/** Runs `tell(story)` and ends the process with what came of it. */
export async function story(tell) {
  const browser = await chromium.launch({ executablePath, headless: true, args: flags });
  try {
    await tell(new Story(browser));
  } catch (problem) {
    console.error(problem.stack ?? problem);
    process.exitCode = 1;
    const open = browser.contexts().flatMap((context) => context.pages());
    for (const [i, page] of open.entries()) await page.screenshot({ path: path.join(pictures, `failed-${i}.png`) });
  } finally {
    await browser.close();
  }
}

class Story {
  constructor(browser) {
    this.browser = browser;
  }

  /** A person with a browser of their own. `expects`: refused calls that belong to the story. */
  async person({ expects = [], ...options } = {}) {
    const context = await this.browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    const complaints = [];
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const status = /status of (\d+)/.exec(message.text())?.[1];
      if (status && expects.includes(Number(status))) return;
      complaints.push(`${message.text()} at ${message.location().url}`);
    });
    page.on('pageerror', (error) => complaints.push(error.stack));
    return { context, page, complaints };
  }
}

/** Lets the page be what somebody sees who waits until nothing moves. */
export async function settled(page) {
  await page.locator('h1').waitFor();
  await page.waitForLoadState('networkidle');
}

/** A picture, in light and in dark. */
export async function picture(page, name) {
  fs.mkdirSync(pictures, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

const protocols = new WeakMap();

/** One for each page, and never closed: its end would take away the page's authenticators too. */
export async function protocolOf(page) {
  if (!protocols.has(page)) protocols.set(page, await page.context().newCDPSession(page));
  return protocols.get(page);
}

/** Nothing that keeps a screen reader, a keyboard or weak eyes out, in light and in dark. */
export async function assertAccessible(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    // By the protocol and not by an element: the page's policy lets no other script in.
    const session = await protocolOf(page);
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true });
      assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
      return result.value;
    };
    await evaluate(axe);
    const violations = await evaluate(`axe.run(document, { resultTypes: ['violations'] })
      .then((found) => found.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.html + ' ' +
        node.failureSummary).join(' | ')))`);
    assert.deepEqual(violations, [], `${name} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** No sideways scrolling where there is little room: 320 px, which is also 1280 px at 400 %. */
export async function assertNarrow(page, name) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 320, `${name} is ${width} px wide`);
  await page.setViewportSize(before);
}

/** All of it, and a picture. */
export async function look(page, name) {
  await settled(page);
  await assertAccessible(page, name);
  await assertNarrow(page, name);
  await picture(page, name);
}

export async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

export async function press(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
}

export async function heading(page, text) {
  await page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

export async function notice(page, text) {
  await page.locator('.notice:not([hidden])', { hasText: text }).waitFor();
}

export const step = (name, value = true) => process.stdout.write(`${JSON.stringify({ step: name, value })}\n`);
