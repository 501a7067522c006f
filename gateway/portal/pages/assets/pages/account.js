// One's own account, section by section.
import { deleteSection } from '../account/delete.js';
import { devicesSection } from '../account/devices.js';
import { passkeysSection } from '../account/passkeys.js';
import { passwordSection } from '../account/password.js';
import { profileSection } from '../account/profile.js';
import { secondFactorSection } from '../account/second-factor.js';
import { h, show } from '../dom.js';
import { t } from '../texts.js';
import { canUsePasskeys } from '../webauthn.js';

/** Whoever has no session any more, signs in and comes back. */
function signIn(again = false) {
  location.replace(`sign-in?return_to=${encodeURIComponent(location.pathname)}${again ? '&again=1' : ''}`);
}

function signOutButton(api) {
  return h('button', {
    type: 'button', class: 'plain',
    onclick: async () => {
      await api.leave().catch(() => {});
      location.replace('sign-in?after=out');
    },
  }, t('account.sign_out'));
}

/** Calls in a section end here when the session has ended elsewhere. */
function watchful(api) {
  return {
    async call(...asked) {
      try {
        return await api.call(...asked);
      } catch (refused) {
        if (refused.status === 401) signIn(refused.code === 'insufficient_user_authentication');
        throw refused;
      }
    },
  };
}

export async function open(place) {
  const { api, features } = place;
  if (!(await api.resume())) return signIn();
  const own = { ...place, api: watchful(api) };
  const profile = await own.api.call('GET', '/me');
  const sections = [
    profileSection(own, profile),
    passwordSection(own),
    canUsePasskeys(features) ? await passkeysSection(own) : null,
    await secondFactorSection(own),
    await devicesSection(own),
    deleteSection(own),
  ];
  show(place.corner, signOutButton(api));
  document.body.classList.add('wide');
  place.step(t('account.title'), ...sections.filter(Boolean));
}
