// Asks for a mail that lets one choose a new password. The answer is the same whoever asks.
import { h } from '../dom.js';
import { Field, makeForm, Notice } from '../form.js';
import { t } from '../texts.js';

export async function open(place) {
  const back = h('p', { class: 'links' }, place.link('sign-in', t('forgot.sign_in')));
  if (!place.features.mail) {
    const notice = new Notice();
    place.step(t('forgot.title'), notice.element, back);
    return notice.plain(t('error.not_configured'));
  }
  const form = makeForm({
    fields: [new Field({ name: 'email', label: t('register.email'), type: 'email', autocomplete: 'email' })],
    action: t('forgot.action'),
    submit: async ({ email }) => {
      await place.api.open('POST', '/password/forgot', { email });
      const notice = new Notice();
      place.nextStep(t('forgot.sent'), notice.element, back);
      notice.plain(t('forgot.sent_text', { email }));
    },
  });
  place.step(t('forgot.title'), h('p', { class: 'lead' }, t('forgot.text')), h('div', { class: 'card' }, form.element),
    back);
  form.focus();
}
