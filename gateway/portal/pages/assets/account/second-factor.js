// Codes of an app, and the recovery codes for the day it is gone.
import { h, show } from '../dom.js';
import { Field, makeForm } from '../form.js';
import { t } from '../texts.js';
import { currentPassword } from './password.js';
import { opener, section } from './section.js';

function codeField(label, hint) {
  return new Field({ name: 'code', label, hint, autocomplete: 'one-time-code' });
}

/** The QR code is drawn by the gateway; as an image it can hold no script. */
function qrImage(svg) {
  return h('img', { class: 'qr', alt: t('totp.qr'), src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
}

/** Also where nobody may set up one any more: whoever has one is asked for codes, and may switch it off. */
export async function secondFactorSection({ api, features }) {
  const { element, notice, body } = section(t('totp.title'));
  const heading = element.querySelector('h2');

  const begun = await api.call('GET', '/second-factor');
  if (!features.secondFactor && !begun.totp) return null;

  async function fill(state) {
    state ??= await api.call('GET', '/second-factor');
    show(body, ...(state.totp ? whileOn(state.recoveryCodesLeft) : whileOff()));
  }

  const whileOff = () => [h('p', { class: 'hint' }, t('totp.text')), opener(t('totp.set_up'), () => ({
    fields: [currentPassword()],
    action: t('form.next'),
    submit: async (values) => enrol(await api.call('POST', '/totp/register', values)),
  }))];

  const whileOn = (left) => [
    h('p', {}, h('span', { class: 'badge good' }, t('totp.on')), ' ', t('totp.codes_left', { n: left })),
    h('div', { class: 'actions' }, opener(t('totp.new_codes'), () => ({
      fields: [currentPassword(), codeField(t('second_factor.code'), t('second_factor.code_hint'))],
      action: t('totp.new_codes_action'),
      submit: async (values) => showCodes((await api.call('POST', '/recovery-codes', values)).recoveryCodes),
    })), opener(t('totp.turn_off'), () => ({
      fields: [currentPassword(), codeField(t('second_factor.code'), t('second_factor.code_hint'))],
      action: t('totp.turn_off_action'),
      danger: true,
      submit: async (values) => {
        await api.call('DELETE', '/totp', values);
        await fill();
        notice.good(t('totp.turned_off'));
        heading.focus();
      },
    }))),
  ];

  function enrol({ secret, qr }) {
    const form = makeForm({
      fields: [codeField(t('totp.first_code'), t('totp.first_code_hint'))],
      action: t('totp.confirm'),
      submit: async (values) => showCodes((await api.call('POST', '/totp/register/verify', values)).recoveryCodes),
      cancel: async () => { await fill(); heading.focus(); },
    });
    show(body,
      h('p', {}, t('totp.scan')), qrImage(qr),
      h('p', { class: 'hint' }, t('totp.by_hand'), ' ', h('code', {}, secret.replace(/(.{4})(?=.)/g, '$1 '))),
      form.element);
    heading.focus();
  }

  function showCodes(codes) {
    const copy = h('button', {
      type: 'button', class: 'secondary',
      onclick: async () => {
        await navigator.clipboard.writeText(codes.join('\n'));
        notice.good(t('totp.copied'));
      },
    }, t('totp.copy'));
    const done = h('button', {
      type: 'button', class: 'primary',
      onclick: async () => { notice.clear(); await fill(); heading.focus(); },
    }, t('totp.kept'));
    show(body,
      h('p', {}, t('totp.codes_text')),
      h('ul', { class: 'codes' }, codes.map((code) => h('li', {}, h('code', {}, code)))),
      h('div', { class: 'actions' }, done, navigator.clipboard ? copy : null));
    heading.focus();
  }

  await fill(begun);
  return element;
}
