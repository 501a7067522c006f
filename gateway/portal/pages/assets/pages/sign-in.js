// Password, passkey, and the second factor where an account has one.
import { Refused } from '../api.js';
import { focusHeading, h } from '../dom.js';
import { Field, makeForm, nameMember, Notice } from '../form.js';
import { sentenceFor } from '../problems.js';
import { placeAfter } from '../return-to.js';
import { t } from '../texts.js';
import { canUsePasskeys, getPasskey, offerPasskeys, stopOffering } from '../webauthn.js';

/** What brought somebody here. */
function reason() {
  const search = new URLSearchParams(location.search);
  if (search.get('again') === '1') return 'sign_in.again';
  const known = { out: 'sign_in.out', reset: 'sign_in.after_reset', deleted: 'sign_in.deleted' };
  return known[search.get('after')] ?? null;
}

export async function open(place) {
  const { features } = place;
  const withPasskeys = canUsePasskeys(features);
  const goOn = () => location.assign(placeAfter(location, features.returnTo));
  const form = passwordForm(place, withPasskeys, goOn);
  const notice = new Notice();
  if (reason()) notice.plain(t(reason()));
  place.step(t('sign_in.title', { name: features.name }), notice.element,
    h('div', { class: 'card' }, form.element,
      withPasskeys ? passkeyButton(place, notice, goOn) : null),
    links(place));
  form.focus();
  if (withPasskeys) offerPasskeys(() => place.api.open('POST', '/passkeys/login/options', {}), enter).catch(() => {});

  async function enter(answer) {
    try {
      await place.api.enter('/passkeys/login/verify', answer);
      goOn();
    } catch (refused) {
      takeRefusal(place, refused, notice, goOn);
    }
  }
}

function passwordForm(place, withPasskeys, goOn) {
  const name = new Field({
    name: 'username', label: t('sign_in.name'), autocomplete: withPasskeys ? 'username webauthn' : 'username',
  });
  const password = new Field({
    name: 'password', label: t('sign_in.password'), type: 'password', autocomplete: 'current-password',
  });
  return makeForm({
    fields: [name, password],
    action: t('sign_in.action'),
    submit: async (values) => {
      stopOffering();
      await place.api.enter('/login', { ...nameMember(values.username), password: values.password });
      goOn();
    },
    onRefused: (refused) => {
      if (refused.code !== 'second_factor_required') return false;
      secondFactor(place, refused.detail, goOn);
      return true;
    },
  });
}

function passkeyButton(place, notice, goOn) {
  const button = h('button', {
    type: 'button', class: 'secondary wide',
    onclick: async () => {
      notice.clear();
      try {
        stopOffering();
        const options = await place.api.open('POST', '/passkeys/login/options', {});
        await place.api.enter('/passkeys/login/verify', await getPasskey(options));
        goOn();
      } catch (refused) {
        takeRefusal(place, refused, notice, goOn);
        button.focus();
      }
    },
  }, t('sign_in.passkey'));
  return h('div', { class: 'or' }, h('p', { class: 'between' }, t('sign_in.or')), button);
}

function takeRefusal(place, refused, notice, goOn) {
  if (refused.code === 'second_factor_required') secondFactor(place, refused.detail, goOn);
  else if (refused.code === 'invalid_credentials') notice.bad(t('passkey.refused'));
  else notice.bad(refused instanceof Refused ? sentenceFor(refused) : t('passkey.failed'));
}

function secondFactor(place, detail, goOn) {
  const code = new Field({
    name: 'code', label: t('second_factor.code'), hint: t('second_factor.code_hint'), autocomplete: 'one-time-code',
  });
  const form = makeForm({
    fields: [code],
    action: t('second_factor.action'),
    submit: async (values) => {
      await place.api.enter('/login/second-factor', { loginToken: detail.loginToken, code: values.code });
      goOn();
    },
    onRefused: (refused) => {
      if (refused.code !== 'login_token_invalid') return false;
      open(place).then(() => focusHeading(place.main));
      return true;
    },
  });
  place.nextStep(t('second_factor.title'), h('div', { class: 'card' }, form.element),
    h('p', { class: 'links' }, h('a', { href: location.href }, t('second_factor.back'))));
}

function links(place) {
  const { features } = place;
  return h('ul', { class: 'links' },
    features.mail ? h('li', {}, place.link('forgot', t('sign_in.forgot'))) : null,
    features.registration === 'closed' ? null : h('li', {}, place.link('register', t('sign_in.register'))));
}
