// WebSockets as scripts of a page open them.
//   node websocket_page.mjs CHROMIUM PAGE TOKEN
import { createRequire } from 'node:module';
import process from 'node:process';

const { chromium } = createRequire(import.meta.url)('playwright-core');
const [, , executablePath, address, token] = process.argv;
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const browser = await chromium.launch({ executablePath, headless: true, args: flags });
try {
  const page = await browser.newPage();
  await page.goto(address);
  const talk = (protocols, waits) => page.evaluate(([list, stays]) => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${window.location.host}/ws/room`, list);
    const told = { echo: null };
    socket.onopen = () => { told.protocol = socket.protocol; socket.send('hello'); };
    socket.onmessage = ({ data }) => {
      told.echo = data;
      if (stays) console.log('stays'); else socket.close(4000, 'enough');
    };
    socket.onclose = ({ code, reason, wasClean }) => resolve({ ...told, code, reason, wasClean });
  }), [protocols, waits]);

  const say = (what) => console.log(JSON.stringify(what));
  say(await talk(['bearer', token]));
  say(await talk(['bearer', token, 'chat']));
  say(await talk(['bearer', 'x']));
  say(await talk([]));
  const stays = page.waitForEvent('console');
  const end = talk(['bearer', token], true);
  await stays;
  say('stays');
  say(await end);
} finally {
  await browser.close();
}
