// A new account: a name or an address, and a password.
import { h } from '../dom.js';
import { Field, makeForm, Notice } from '../form.js';
import { placeAfter } from '../return-to.js';
import { t } from '../texts.js';

function fieldsFor(features) {
  const byMail = features.mail;
  const username = new Field({
    name: 'username', label: t('register.username'), autocomplete: 'username', required: !byMail,
  });
  const email = new Field({
    name: 'email', label: t('register.email'), type: 'email', autocomplete: 'email', required: byMail,
    hint: byMail ? t('register.email_hint') : null,
  });
  const password = new Field({
    name: 'password', label: t('register.password'), type: 'password', autocomplete: 'new-password',
    hint: t('register.password_hint', { least: features.password.least }),
  });
  const fields = byMail ? [email, username, password] : [username, email, password];
  if (features.registration === 'invite') {
    const code = new URLSearchParams(location.hash.slice(1)).get('invite') ?? '';
    fields.unshift(new Field({ name: 'invite', label: t('register.invite'), autocomplete: 'off', value: code }));
  }
  return fields;
}

export async function open(place) {
  const { features, api } = place;
  const back = h('p', { class: 'links' }, place.link('sign-in', t('register.sign_in')));
  if (features.registration === 'closed') {
    const notice = new Notice();
    place.step(t('register.title', { name: features.name }), notice.element, back);
    return notice.plain(t('error.registration_closed'));
  }
  const form = makeForm({
    fields: fieldsFor(features),
    action: t('register.action'),
    submit: async (values) => {
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
      await api.enter('/register', given);
      location.assign(placeAfter(location, features.returnTo));
    },
    onRefused: (refused) => {
      if (refused.code !== 'email_unverified') return false;
      const notice = new Notice();
      const onward = h('p', { class: 'links' }, place.link('sign-in', t('forgot.sign_in')));
      place.nextStep(t('register.check_mail'), notice.element, onward);
      notice.plain(t('register.check_mail_text'));
      return true;
    },
  });
  place.step(t('register.title', { name: features.name }), h('div', { class: 'card' }, form.element), back);
  form.focus();
}
