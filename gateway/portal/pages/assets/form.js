// Forms: labels, hints, errors that are announced and found by keyboard, one submission at a time.
import { Refused } from './api.js';
import { h, newId, show } from './dom.js';
import { fieldSentence, sentenceFor } from './problems.js';
import { t } from './texts.js';

/** One labelled input. `name` is what the API calls it. */
export class Field {
  constructor({ name, label, type = 'text', autocomplete, hint = null, required = true, value = '', inputmode = null,
    maxlength = null }) {
    const id = newId();
    this.name = name;
    this.required = required;
    this.error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
    this.input = h('input', {
      id, name, type, autocomplete, inputmode, maxlength, required, 'aria-required': required ? 'true' : null,
      'aria-describedby': hint ? `${id}-hint ${id}-error` : `${id}-error`,
      spellcheck: 'false', autocapitalize: 'none', autocorrect: 'off',
    });
    this.input.value = value;
    this.input.addEventListener('input', () => this.clear());
    this.element = h('div', { class: 'field' },
      h('label', { for: id }, label, required ? null : h('span', { class: 'optional' }, ` ${t('form.optional')}`)),
      hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null,
      type === 'password' ? this.#withReveal(id, label) : this.input,
      this.error);
  }

  get value() {
    return this.input.type === 'password' || this.name.includes('assword') ? this.input.value : this.input.value.trim();
  }

  fail(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = false;
    this.input.setAttribute('aria-invalid', 'true');
  }

  clear() {
    this.error.hidden = true;
    this.error.textContent = '';
    this.input.removeAttribute('aria-invalid');
  }

  #withReveal(id, label) {
    const button = h('button', {
      type: 'button', class: 'reveal', 'aria-controls': id, 'aria-pressed': 'false',
      'aria-label': t('form.reveal', { label }),
      onclick: () => {
        const shown = this.input.type === 'text';
        this.input.type = shown ? 'password' : 'text';
        button.setAttribute('aria-pressed', shown ? 'false' : 'true');
        button.textContent = shown ? t('form.show') : t('form.hide');
      },
    }, t('form.show'));
    return h('div', { class: 'with-reveal' }, this.input, button);
  }
}

/** A place where an outcome is said. Screen readers say it as soon as it is there. */
export class Notice {
  constructor() {
    this.element = h('div', { class: 'notice', role: 'status', hidden: true });
  }

  good(sentence) {
    this.#say('good', 'status', sentence);
  }

  bad(sentence) {
    this.#say('bad', 'alert', sentence);
  }

  plain(sentence) {
    this.#say('plain', 'status', sentence);
  }

  clear() {
    this.element.hidden = true;
    show(this.element);
  }

  #say(kind, role, sentence) {
    this.element.className = `notice ${kind}`;
    this.element.setAttribute('role', role);
    this.element.hidden = false;
    show(this.element, h('p', {}, sentence));
  }
}

/**
 * A form of fields that calls `submit(values)`. What is refused is said above the fields, and beside those it is about;
 * `onRefused(refused)` may take a refusal for itself by returning true.
 */
export function makeForm({ fields, action, submit, onRefused = () => false, danger = false, cancel = null }) {
  const notice = new Notice();
  const button = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, action);
  const other = cancel ? h('button', { type: 'button', class: 'plain', onclick: cancel }, t('form.cancel')) : null;
  const form = h('form', { novalidate: true, method: 'post', onsubmit: (event) => { event.preventDefault(); send(); } },
    notice.element, fields.map((field) => field.element), h('div', { class: 'actions' }, button, other));

  function isComplete() {
    for (const field of fields) {
      field.clear();
      if (field.required && field.value === '') field.fail(t('form.missing'));
    }
    return focusFirstWrong() === null;
  }

  function focusFirstWrong() {
    const wrong = fields.find((field) => field.input.hasAttribute('aria-invalid'));
    wrong?.input.focus();
    return wrong ?? null;
  }

  function refuse(refused) {
    const beside = refused.fields.filter((problem) => {
      const field = fields.find((each) => each.name === problem.name);
      field?.fail(fieldSentence(problem.message));
      return field !== undefined;
    });
    const current = fields.find((field) => field.name === 'currentPassword');
    if (refused.code === 'invalid_credentials' && current) {
      current.fail(t('password.wrong'));
    } else if (beside.length === 0 || beside.length < refused.fields.length) notice.bad(sentenceFor(refused));
    if (focusFirstWrong() === null) button.focus();
  }

  async function send() {
    if (button.getAttribute('aria-disabled') === 'true') return;
    notice.clear();
    if (!isComplete()) return;
    button.setAttribute('aria-disabled', 'true');
    form.setAttribute('aria-busy', 'true');
    try {
      await submit(Object.fromEntries(fields.map((field) => [field.name, field.value])));
    } catch (problem) {
      const refused = problem instanceof Refused ? problem : new Refused(0, { code: 'unknown' }, 0);
      if (!onRefused(refused)) refuse(refused);
      if (!(problem instanceof Refused)) console.error(problem);
    } finally {
      button.removeAttribute('aria-disabled');
      form.removeAttribute('aria-busy');
    }
  }

  return { element: form, notice, focus: () => fields[0]?.input.focus() };
}

/** `alice` or `alice@example.com`, as the API wants either. */
export function nameMember(name) {
  return name.includes('@') ? { email: name } : { username: name };
}
