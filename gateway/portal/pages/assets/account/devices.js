// Where one is signed in, and the ways to end that.
import { h, show } from '../dom.js';
import { sentenceFor } from '../problems.js';
import { moment, t } from '../texts.js';
import { line, section } from './section.js';

const browsers = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrom(e|ium)\//, 'Chrome'],
  [/Version\/.*Safari\//, 'Safari']];
const systems = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']];

/** "Firefox, Linux" for what browsers say of themselves; other programs by their own words. */
export function deviceName(userAgent) {
  const find = (rows) => rows.find(([pattern]) => pattern.test(userAgent))?.[1];
  const known = [find(browsers), find(systems)].filter(Boolean);
  return known.length > 0 ? known.join(', ') : userAgent.slice(0, 60) || t('devices.unknown');
}

export async function devicesSection({ api }) {
  const { element, notice, body } = section(t('devices.title'));
  const list = h('ul', { class: 'lines' });
  const all = h('div', { class: 'actions' });
  body.append(h('p', { class: 'hint' }, t('devices.text')), list, all);

  /** Does it, says it, and shows what is left. */
  const act = async (work, done) => {
    try {
      await work();
      await fill();
      notice.good(t(done));
      element.querySelector('h2').focus();
    } catch (refused) {
      notice.bad(sentenceFor(refused));
    }
  };

  const row = (session) => {
    const name = deviceName(session.userAgent);
    const end = h('button', {
      type: 'button', class: 'secondary', 'aria-label': t('devices.end_this', { name }),
      onclick: () => act(() => api.call('DELETE', `/sessions/${encodeURIComponent(session.id)}`), 'devices.ended'),
    }, t('devices.end'));
    const title = session.current ? [name, ' ', h('span', { class: 'badge good' }, t('devices.current'))] : [name];
    return line(h('span', {}, ...title), [
      t('devices.used', { at: moment(session.lastUsed), address: session.address }),
      t('devices.since', { at: moment(session.created) }),
    ], session.current ? null : end);
  };

  async function fill() {
    const sessions = await api.call('GET', '/sessions');
    sessions.sort((a, b) => Number(b.current) - Number(a.current) || b.lastUsed.localeCompare(a.lastUsed));
    show(list, sessions.map(row));
    show(all, sessions.length > 1 ? othersButton() : null, everywhereButton());
  }

  const othersButton = () => h('button', {
    type: 'button', class: 'secondary',
    onclick: () => act(() => api.call('POST', '/logout-others'), 'devices.others_ended'),
  }, t('devices.others'));

  const everywhereButton = () => h('button', {
    type: 'button', class: 'secondary',
    onclick: async () => {
      try {
        await api.call('POST', '/logout-all');
        location.replace('sign-in?after=out');
      } catch (refused) {
        notice.bad(sentenceFor(refused));
      }
    },
  }, t('devices.everywhere'));

  await fill();
  return element;
}
