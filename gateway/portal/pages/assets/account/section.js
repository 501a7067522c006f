// What every section of the account page is made of.
import { h, newId } from '../dom.js';
import { makeForm, Notice } from '../form.js';

/** A heading, a place for outcomes, and content. */
export function section(title, ...content) {
  const id = newId();
  const notice = new Notice();
  const body = h('div', { class: 'body' }, content);
  const element = h('section', { class: 'card', 'aria-labelledby': id },
    h('h2', { id, tabindex: '-1' }, title), notice.element, body);
  return { element, notice, body };
}

/**
 * A button that opens a form where it stands, and comes back when the form is done or given up.
 * `form(close)` gives what makeForm() wants, without `cancel`.
 */
export function opener(label, form, look = 'secondary') {
  const holder = h('div', { class: 'opener' });
  const button = h('button', { type: 'button', class: look, 'aria-expanded': 'false', onclick: open }, label);

  function open() {
    const made = makeForm({ ...form(close), cancel: close });
    holder.replaceChildren(h('h3', { tabindex: '-1' }, label), made.element);
    made.focus();
  }

  function close() {
    holder.replaceChildren(button);
    button.focus();
  }

  holder.append(button);
  return holder;
}

/** A line of a list: what it is, what is said about it, what can be done with it. */
export function line(title, details, ...actions) {
  return h('li', { class: 'line' },
    h('div', { class: 'about' }, h('p', { class: 'what' }, title), details.map((each) => h('p', { class: 'hint' }, each))),
    h('div', { class: 'line-actions' }, actions));
}
