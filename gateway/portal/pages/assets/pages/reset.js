// A new password, by the link of a mail.
import { h } from '../dom.js';
import { Field, makeForm, Notice } from '../form.js';
import { takeLinkToken } from '../link-token.js';
import { t } from '../texts.js';

export async function open(place) {
  const token = takeLinkToken();
  if (!token) return linkIsNone(place);
  const { least } = place.features.password;
  const form = makeForm({
    fields: [new Field({
      name: 'newPassword', label: t('password.new'), type: 'password', autocomplete: 'new-password',
      hint: t('register.password_hint', { least }),
    })],
    action: t('reset.action'),
    submit: async ({ newPassword }) => {
      await place.api.open('POST', '/password/reset', { token, newPassword });
      location.replace('sign-in?after=reset');
    },
    onRefused: (refused) => {
      if (refused.code !== 'link_invalid') return false;
      linkIsNone(place);
      return true;
    },
  });
  place.step(t('reset.title'), h('p', { class: 'lead' }, t('reset.text')), h('div', { class: 'card' }, form.element));
  form.focus();
}

function linkIsNone(place) {
  const notice = new Notice();
  const again = place.features.mail ? place.link('forgot', t('reset.again')) : place.link('sign-in', t('forgot.sign_in'));
  place.nextStep(t('reset.title'), notice.element, h('p', { class: 'links' }, again));
  notice.bad(t('error.link_invalid'));
}
