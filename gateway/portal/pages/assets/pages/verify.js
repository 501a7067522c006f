// Shows that an address is one's own. Programs that look at mails open every link, so a person has
// to press the button.
import { h } from '../dom.js';
import { makeForm, Notice } from '../form.js';
import { takeLinkToken } from '../link-token.js';
import { t } from '../texts.js';

export async function open(place) {
  const token = takeLinkToken();
  const onward = h('p', { class: 'links' }, h('a', { href: 'account' }, t('verify.account')));
  const say = (kind, sentence) => {
    const notice = new Notice();
    place.nextStep(t('verify.title'), notice.element, onward);
    notice[kind](sentence);
  };
  if (!token) return say('bad', t('error.link_invalid'));
  const form = makeForm({
    fields: [],
    action: t('verify.action'),
    submit: async () => {
      await place.api.open('POST', '/email/verify', { token });
      say('good', t('verify.done'));
    },
    onRefused: (refused) => {
      if (refused.code !== 'link_invalid') return false;
      say('bad', t('error.link_invalid'));
      return true;
    },
  });
  place.step(t('verify.title'), h('p', { class: 'lead' }, t('verify.text')), h('div', { class: 'card' }, form.element));
}
