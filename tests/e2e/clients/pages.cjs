// A person's browser: signs in on a page of the gateway's own origin, works there, and then visits a
// page of another origin, which tries what pages can.
//   node pages.cjs CHROMIUM BASE OTHER FOLDER
// The browser keeps its things in FOLDER, which is empty.
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const WebSocket = require('ws');

const [chromium, BASE, OTHER, FOLDER] = process.argv.slice(2);
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--remote-debugging-port=0'];

/// Some distributions' browsers send other sites no cookies at all; those of most people do.
function allowForeignCookies(folder) {
  fs.mkdirSync(path.join(folder, 'Default'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'Default', 'Preferences'),
    JSON.stringify({ profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } }));
}

/// Starts it and connects to its one page over the DevTools protocol.
async function start(folder) {
  const browser = spawn(chromium, [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    browser.stderr.on('data', (piece) => {
      said += piece;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
    browser.on('exit', () => reject(new Error(`the browser ended: ${said}`)));
  });
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
  const waiting = new Map();
  const loaded = [];
  socket.on('message', (text) => {
    const message = JSON.parse(text);
    if (message.method === 'Page.loadEventFired') loaded.splice(0).forEach((resolve) => resolve());
    if (!waiting.has(message.id)) return;
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message)); else resolve(message.result);
  });
  let last = 0;
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    socket.send(JSON.stringify({ id: last, method, params, sessionId }));
  });
  const { targetInfos } = await send('Target.getTargets');
  const { targetId } = targetInfos.find((target) => target.type === 'page');
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  await ask('Page.enable');
  const nextLoad = () => new Promise((resolve) => { loaded.push(resolve); });
  return {
    browser,
    async visit(url) {
      const there = nextLoad();
      await ask('Page.navigate', { url });
      await there;
    },
    /// Runs a function in the page; what it promises is the answer.
    async run(code, ...values) {
      const expression = `(${code})(${values.map((value) => JSON.stringify(value)).join(',')})`;
      const { result, exceptionDetails } = await ask('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    async runUntilItLeaves(code, ...values) {
      const there = nextLoad();
      await this.run(code, ...values);
      await there;
    },
  };
}

const signUp = async () => {
  const answer = await fetch('/auth/register', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'ann', password: 'correct horse battery', delivery: 'cookie' }),
  });
  const readable = document.cookie.split('; ').map((pair) => pair.split('=')[0]);
  return { status: answer.status, readable, id: (await answer.json()).user.id };
};

const work = async () => {
  const done = async (init) => (await fetch('/work', init)).status;
  const form = new URLSearchParams({ a: '1' });
  return [await done(), await done({ method: 'POST', body: form }), await done({ method: 'DELETE' })];
};

/// After the access cookie's end; the browser has dropped it by then.
const wakeUp = async (life) => {
  await new Promise((resolve) => { setTimeout(resolve, life); });
  const methods = ['GET', 'POST', 'GET', 'PUT', 'GET', 'GET', 'DELETE', 'GET'];
  const answers = await Promise.all(methods.map((method) => fetch('/woken', { method })));
  return answers.map((answer) => answer.status);
};

/// Whatever comes of each; the gateway's side counts.
const attack = async (base) => {
  const include = { credentials: 'include' };
  const tries = [
    () => fetch(`${base}/attack/fetch`, { ...include, method: 'POST', mode: 'no-cors', body: 'x' }),
    () => fetch(`${base}/attack/cors`, { ...include, method: 'POST', body: 'x' }),
    () => fetch(`${base}/attack/put`, { ...include, method: 'PUT', body: 'x' }),
    () => fetch(`${base}/attack/header`,
      { ...include, method: 'POST', headers: { 'X-CSRF-Token': 'x' } }),
    () => fetch(`${base}/auth/logout-all`, { ...include, method: 'POST', mode: 'no-cors' }),
    () => fetch(`${base}/auth/logout`, { ...include, method: 'POST', mode: 'no-cors' }),
    async () => { if (!navigator.sendBeacon(`${base}/attack/beacon`, 'x')) throw new Error('full'); },
  ];
  const frame = (name, sandbox) => {
    const element = document.createElement('iframe');
    element.name = name;
    if (sandbox) element.sandbox = sandbox;
    document.documentElement.append(element);
    return element;
  };
  const loadOf = (element) => new Promise((resolve) => { element.onload = resolve; element.onerror = resolve; });
  const post = (path, enctype) => async () => {
    const target = frame(`to${path}`);
    const form = document.createElement('form');
    Object.assign(form, { action: base + path, method: 'POST', enctype, target: target.name });
    document.documentElement.append(form);
    const over = loadOf(target);
    form.submit();
    await over;
  };
  tries.push(post('/attack/form', 'application/x-www-form-urlencoded'));
  tries.push(post('/attack/text', 'text/plain'));
  tries.push(post('/attack/multipart', 'multipart/form-data'));
  tries.push(async () => { // an origin that is nobody's
    const sandboxed = frame('sandboxed', 'allow-scripts allow-forms');
    const over = new Promise((resolve) => { let loads = 0; sandboxed.onload = () => { loads += 1; if (loads === 2) resolve(); }; });
    sandboxed.srcdoc = `<form action="${base}/attack/null" method="POST"></form>`
      + '<script>onload = () => setTimeout(() => document.forms[0].submit())</scr' + 'ipt>';
    await over;
  });
  tries.push(async () => { // harmless, and shows that cookies went along
    const image = new Image();
    const over = loadOf(image);
    image.src = `${base}/attack/image`;
    await over;
  });
  const read = [];
  for (const attempt of tries) {
    try {
      const answer = await attempt();
      if (answer && answer.type !== 'opaque') read.push(await answer.text());
    } catch (error) { /* a browser says no more than that */ }
  }
  return read;
};

const postAway = (base) => {
  const form = document.createElement('form');
  Object.assign(form, { action: `${base}/attack/top`, method: 'POST' });
  document.documentElement.append(form);
  form.submit();
};

async function main() {
  const say = (step, value) => console.log(JSON.stringify({ step, value }));
  allowForeignCookies(FOLDER);
  const page = await start(FOLDER);
  const limit = setTimeout(() => { // nobody else would end the browser
    page.browser.kill('SIGKILL');
    process.exit(1);
  }, 50_000);
  try {
    await page.visit(`${BASE}/guests/home`);
    say('sign up', await page.run(signUp));
    say('work', await page.run(work));
    say('wake up', await page.run(wakeUp, 2500));
    await page.visit(`${OTHER}/elsewhere`);
    say('attack', await page.run(attack, BASE));
    await page.runUntilItLeaves(postAway, BASE);
    say('top', await page.run(() => document.body.innerText));
    await page.visit(`${OTHER}/elsewhere`);
    await page.runUntilItLeaves((base) => { window.location = `${base}/guests/link`; }, BASE);
    say('still', await page.run(work));
  } finally {
    clearTimeout(limit);
    const ended = new Promise((resolve) => { page.browser.once('exit', resolve); });
    page.browser.kill('SIGKILL');
    await ended;
  }
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
