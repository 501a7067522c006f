// What the pages say, in one language at a time. One file for each: texts/en.json, texts/de.json.

let texts = {};
let language = 'en';

export async function loadTexts(wanted) {
  const answer = await fetch(new URL(`texts/${wanted}.json`, import.meta.url));
  if (!answer.ok) throw new Error('no texts');
  texts = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted;
}

/** The text of that name, with `{name}` filled in from `values`. */
export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function has(key) {
  return Object.hasOwn(texts, key);
}

/** "3 March 2026, 09:30" as it is written where this language is spoken. */
export function moment(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  const spoken = navigator.languages.find((each) => each.split('-')[0] === language) ?? language; // en-GB, and not en
  return new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** Remembers the choice for the next pages; the gateway reads it when it says what there is. */
export function chooseLanguage(wanted) {
  const place = new URL('.', location.href).pathname.replace(/\/$/, '');
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `portal_language=${wanted}; Path=${place}; Max-Age=31536000; SameSite=Strict${secure}`;
  location.reload();
}
