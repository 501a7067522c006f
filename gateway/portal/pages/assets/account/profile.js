import { h } from '../dom.js';
import { sentenceFor } from '../problems.js';
import { t } from '../texts.js';
import { section } from './section.js';

function fact(name, ...value) {
  return [h('dt', {}, name), h('dd', {}, ...value)];
}

/** Whether the address is known to be one's own, and a way to show it where it is not. */
function verification(place, profile, notice) {
  if (!place.features.mail || !profile.email || typeof profile.emailVerified !== 'boolean') return [];
  if (profile.emailVerified) return [' ', h('span', { class: 'badge good' }, t('profile.verified'))];
  const button = h('button', {
    type: 'button', class: 'link',
    onclick: async () => {
      try {
        await place.api.call('POST', '/email/send-verification');
        notice.good(t('profile.sent'));
      } catch (refused) {
        notice.bad(sentenceFor(refused));
      }
    },
  }, t('profile.send'));
  return [' ', h('span', { class: 'badge' }, t('profile.unverified')), ' ', button];
}

export function profileSection(place, profile) {
  const { element, notice, body } = section(t('profile.title'));
  body.append(h('dl', {},
    profile.username ? fact(t('register.username'), profile.username) : [],
    profile.email ? fact(t('register.email'), profile.email, ...verification(place, profile, notice)) : []));
  return element;
}
