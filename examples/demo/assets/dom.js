// What the other files need to draw with. Nodes stay where they are, and only what they say is changed, so that a click or the focus
// is not lost when the page is drawn anew.

export const find = (id) => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

export function svg(tag, attributes = {}, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function width(bar, part) {
  bar.querySelector("i").style.width = `${Math.max(0, Math.min(1, part || 0)) * 100}%`;
}

// keyed has one child of the container for each item, in that order.
export function keyed(container, items, keyOf, make, update) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let place = container.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = old.get(key);
    old.delete(key);
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    if (node === place) place = place.nextElementSibling;
    else container.insertBefore(node, place);
    update(node, item);
  }
  for (const node of old.values()) node.remove();
}

// keepFocus draws. If the control that has the focus is gone then, or can't be used any more, the focus goes to the row or the
// panel in which it was, not to a button beside it: who presses a key twice must not do another thing.
export function keepFocus(draw) {
  const had = document.activeElement;
  const places = ["li, tr", ".panel"].map((selector) => had && had.closest(selector));
  draw();
  if (!had || had === document.body || (had.isConnected && !had.disabled && had.checkVisibility())) return;
  const place = places.find((node) => node && node.isConnected);
  if (!place) return;
  place.tabIndex = -1; // for scripts alone
  place.focus({ preventScroll: true });
}

// post returns what is wrong, or nothing.
export async function post(path, form = {}) {
  try {
    const response = await fetch(path, { method: "POST", body: new URLSearchParams(form) });
    if (response.ok) return "";
    const answer = await response.json().catch(() => ({}));
    return answer.error || `The server answers ${response.status}.`;
  } catch {
    return "The server does not answer.";
  }
}

// inTurn does what changes the cookie, one thing after the other: each begins with what the one before has made of it.
let last = Promise.resolve();
export function inTurn(action) {
  last = last.catch(() => {}).then(action);
  return last;
}

export function problem(id, text) {
  say(find(id), text);
  find(id).hidden = !text;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");

export function left(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

export const count = (n) => Math.round(n).toLocaleString("en-US");

export function took(us) {
  return us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(us < 10000 ? 1 : 0)} ms`;
}
