// Elements without markup: whatever a text holds, it stays text.

/** `h('p', {class: 'hint'}, 'Hello ', h('b', {}, name))`. Functions become listeners, `null` and `false` are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let count = 0;

/** An id that nothing else on the page has. */
export function newId() {
  count += 1;
  return `e${count}`;
}

/** Shows `content` in place of whatever is in `place`. */
export function show(place, ...content) {
  place.replaceChildren(...content.flat().filter(Boolean));
}

/** A new step: its heading takes the focus, so that a screen reader says where one is now. */
export function focusHeading(place) {
  place.querySelector('h1, h2, h3')?.focus();
}
