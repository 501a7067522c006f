import { h, show } from '../dom.js';
import { Field } from '../form.js';
import { sentenceFor } from '../problems.js';
import { moment, t } from '../texts.js';
import { makePasskey } from '../webauthn.js';
import { deviceName } from './devices.js';
import { line, opener, section } from './section.js';

/** What an authenticator or its person refused has a name and no code. */
function sentence(problem) {
  if (problem.code && problem.detail) return sentenceFor(problem);
  return problem.name === 'InvalidStateError' ? t('passkey.known') : t('passkey.failed');
}

export async function passkeysSection({ api }) {
  const { element, notice, body } = section(t('passkey.title'));
  const list = h('ul', { class: 'lines' });
  const path = (passkey) => `/passkeys/${encodeURIComponent(passkey.id)}`;

  const act = async (work, done) => {
    try {
      await work();
      await fill();
      notice.good(t(done));
      element.querySelector('h2').focus();
    } catch (problem) {
      notice.bad(sentence(problem));
    }
  };

  const rename = (passkey) => opener(t('passkey.rename'), () => ({
    fields: [new Field({
      name: 'name', label: t('passkey.name'), autocomplete: 'off', value: passkey.name, maxlength: '64',
    })],
    action: t('passkey.keep'),
    submit: async (values) => {
      await api.call('PATCH', path(passkey), values);
      await fill();
      notice.good(t('passkey.renamed'));
      element.querySelector('h2').focus();
    },
  }));

  const row = (passkey) => line(passkey.name, [
    t('passkey.made', { at: moment(passkey.created) }),
    passkey.lastUsed ? t('passkey.used', { at: moment(passkey.lastUsed) }) : t('passkey.unused'),
  ], rename(passkey), h('button', {
    type: 'button', class: 'secondary', 'aria-label': t('passkey.remove_this', { name: passkey.name }),
    onclick: () => act(() => api.call('DELETE', path(passkey)), 'passkey.removed'),
  }, t('passkey.remove')));

  async function fill() {
    const passkeys = await api.call('GET', '/passkeys');
    show(list, passkeys.map(row));
  }

  const add = h('button', {
    type: 'button', class: 'secondary',
    onclick: () => act(async () => {
      const options = await api.call('POST', '/passkeys/register/options', {});
      const made = await makePasskey(options);
      await api.call('POST', '/passkeys/register/verify', { ...made, name: deviceName(navigator.userAgent) });
    }, 'passkey.added'),
  }, t('passkey.add'));

  await fill();
  body.append(h('p', { class: 'hint' }, t('passkey.text')), list, h('div', { class: 'actions' }, add));
  return element;
}
