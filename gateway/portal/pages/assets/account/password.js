import { h } from '../dom.js';
import { Field } from '../form.js';
import { t } from '../texts.js';
import { opener, section } from './section.js';

export function currentPassword() {
  return new Field({
    name: 'currentPassword', label: t('password.current'), type: 'password', autocomplete: 'current-password',
  });
}

export function passwordSection({ api, features }) {
  const { element, notice, body } = section(t('password.title'));
  const form = (close) => ({
    fields: [currentPassword(), new Field({
      name: 'newPassword', label: t('password.new'), type: 'password', autocomplete: 'new-password',
      hint: t('register.password_hint', { least: features.password.least }),
    })],
    action: t('password.action'),
    submit: async (values) => {
      await api.call('POST', '/password/change', values);
      close();
      notice.good(t('password.done'));
    },
  });
  body.append(h('p', { class: 'hint' }, t('password.text')), opener(t('password.change'), form));
  return element;
}
