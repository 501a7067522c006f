import { h } from '../dom.js';
import { t } from '../texts.js';
import { currentPassword } from './password.js';
import { opener, section } from './section.js';

export function deleteSection({ api }) {
  const { element, body } = section(t('delete.title'));
  const form = () => ({
    fields: [currentPassword()],
    action: t('delete.action'),
    danger: true,
    submit: async (values) => {
      await api.call('DELETE', '/me', values);
      location.replace('sign-in?after=deleted');
    },
  });
  body.append(h('p', { class: 'hint' }, t('delete.text')), opener(t('delete.open'), form, 'danger-plain'));
  return element;
}
