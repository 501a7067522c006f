// Finds out what there is and in which language, draws the frame, and hands over to the page.
import { Api } from './api.js';
import { focusHeading, h, newId, show } from './dom.js';
import { Notice } from './form.js';
import { sentenceFor } from './problems.js';
import { chooseLanguage, loadTexts, t } from './texts.js';

const pages = {
  'account': () => import('./pages/account.js'),
  'forgot': () => import('./pages/forgot.js'),
  'register': () => import('./pages/register.js'),
  'reset': () => import('./pages/reset.js'),
  'sign-in': () => import('./pages/sign-in.js'),
  'verify': () => import('./pages/verify.js'),
};

const names = { en: 'English', de: 'Deutsch' };

function languagePicker(features) {
  if (features.languages.length < 2) return null;
  const id = newId();
  const options = features.languages.map((each) =>
    h('option', { value: each, lang: each, selected: each === features.language }, names[each] ?? each));
  return h('div', { class: 'language' },
    h('label', { for: id }, t('frame.language')),
    h('select', { id, autocomplete: 'off', onchange: (event) => chooseLanguage(event.target.value) }, options));
}

function drawFrame(features) {
  const main = h('main', { id: 'main', tabindex: '-1' });
  const corner = h('div', { class: 'corner' });
  show(document.getElementById('page'),
    h('a', { class: 'skip', href: '#main' }, t('frame.skip')),
    h('header', { class: 'top' },
      h('p', { class: 'product' },
        h('img', { src: new URL('icon.svg', import.meta.url).href, alt: '', width: '28', height: '28' }),
        h('span', {}, features.name)),
      corner),
    main,
    h('footer', { class: 'bottom' }, languagePicker(features)));
  return { main, corner };
}

/** What every page gets. */
function makePlace(features, frame) {
  const api = new Api(new URL('..', location.href).pathname.replace(/\/$/, ''));
  return {
    api, features, ...frame,
    /** Draws one step of a page under its heading. */
    step(title, ...content) {
      document.title = `${title} · ${features.name}`;
      show(frame.main, h('h1', { tabindex: '-1' }, title), ...content);
    },
    /** The same after something was done, so that it is heard. */
    nextStep(title, ...content) {
      this.step(title, ...content);
      focusHeading(frame.main);
    },
    /** Another of these pages. */
    link(page, text) {
      return h('a', { href: page + location.search }, text);
    },
  };
}

async function begin() {
  const features = await (await fetch(new URL('../features.json', import.meta.url), { cache: 'no-store' })).json();
  await loadTexts(features.language);
  const place = makePlace(features, drawFrame(features));
  try {
    const page = await pages[location.pathname.split('/').pop()]();
    await page.open(place);
  } catch (problem) {
    console.error(problem);
    const notice = new Notice();
    place.step(t('frame.trouble'), notice.element);
    notice.bad(sentenceFor(problem));
  }
}

begin();
