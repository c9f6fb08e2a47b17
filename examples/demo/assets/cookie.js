import { find, el, say, width, keyed, left, count, post, problem, inTurn } from "./dom.js";

const names = ["Header", "Encrypted key", "Nonce", "Ciphertext", "Tag"];
const empty = "empty: the key is in the file";
const [head, tail] = [700, 200]; // of a long token, the characters that are shown
let shown = ""; // the token
let good = ""; // the last that was accepted
let before = ""; // whose that was
let changed = []; // the places, from 0, at which the token is another than that
let refusedAfter = 0; // the last line of the log before a character was changed
const few = 8; // a token that differs at more places is another one

const long = (value) => typeof value === "string" && value.length > 300;
const cut = (_, value) => (long(value) ? `${value.slice(0, 24)}… (${count(value.length)} bytes)` : value);
const pretty = (value) => (value ? JSON.stringify(value, cut, 2) : "–");

export function drawCookie({ cookie, opinions, lines }) {
  const parts = cookie.present ? cookie.value.split(".") : [];
  width(find("size-meter"), cookie.bytes / cookie.limit);
  find("size-meter").setAttribute("aria-valuenow", Math.min(cookie.bytes, cookie.limit));
  const room = cookie.pieces.length > 1 ? "bytes in all" : `of ${count(cookie.limit)} bytes`;
  say(find("size-text"), cookie.present ? `${count(cookie.bytes)} ${room}` : "no cookie yet");
  drawPieces(cookie);
  const segments = parts.map((text, i) => ({ text, i }));
  keyed(find("strip"), segments, (s) => s.i, ({ i }) => {
    const node = el("i");
    node.dataset.seg = i + 1;
    return node;
  }, (node, { text }) => { node.style.flexGrow = text.length; });
  keyed(find("segments"), segments, (s) => s.i, ({ i }) => {
    const node = el("div", {}, el("dt", { textContent: names[i] || "More" }), el("dd"), el("dd"));
    node.dataset.seg = i + 1;
    return node;
  }, (node, { text, i }) => {
    say(node.children[1], String(text.length));
    say(node.children[2], text || (i === 1 ? empty : "–"));
  });
  say(find("outer-header"), pretty(cookie.header));
  const inside = cookie.inside;
  say(find("inner-header"), pretty(inside && inside.header));
  say(find("claims"), pretty(inside && inside.claims));
  say(find("signature"), inside ? inside.inner[2] : "–");
  find("reveal").disabled = !inside;
  say(find("cookie-state"), !cookie.present ? "Visit the page to get one."
    : inside ? `Accepted. ${inside.subject ? `It is ${inside.subject}’s.` : "Nobody is signed in."}` : "Refused: its time is over, the keys do not open it, or the list ends it.");
  drawToken(cookie);
  drawAnswer(opinions, lines);
}

function drawPieces({ pieces, bytes, limit, present }) {
  find("pieces").hidden = pieces.length < 2;
  keyed(find("pieces"), pieces, (p) => p.name, ({ name }) => {
    const bar = el("span", { className: "bar" }, el("i"));
    return el("li", {}, el("code", { textContent: name }), bar, el("span", { className: "number" }));
  }, (row, p) => {
    width(row.children[1], p.bytes / limit);
    say(row.children[2], `${count(p.bytes)} bytes`);
  });
  say(find("pieces-note"), !present ? "" : pieces.length > 1
    ? `${count(bytes)} bytes are too many for one cookie: they are in ${pieces.length}, which open together or not at all.`
    : `One cookie holds it. Beyond ${count(limit)} bytes it takes more of them, up to four.`);
}

function drawToken(cookie) {
  const token = find("token");
  if (cookie.inside) {
    good = cookie.value;
    before = cookie.inside.subject || "nobody";
  }
  changed = difference(good, cookie.value);
  if (shown !== cookie.value) {
    shown = cookie.value;
    let seg = 1;
    const nodes = [...shown].map((c, i) => {
      const node = el("b", { textContent: c });
      node.dataset.i = i;
      node.dataset.seg = c === "." ? 2 : seg;
      if (c === ".") seg++;
      return node;
    });
    const more = nodes.length - head - tail;
    if (more > tail) nodes.splice(head, more, el("i", { className: "gap", textContent: ` … ${count(more)} more … ` }));
    token.replaceChildren(...nodes);
  }
  for (const node of token.children) node.toggleAttribute("data-changed", changed.includes(Number(node.dataset.i)));
  if (!cookie.present) say(token, "no cookie yet");
  find("flip-at").max = cookie.value.length;
  find("flip-back").hidden = !changed.length;
  mark();
}

// difference finds what was changed in the browser's cookie, in this window or in another one.
function difference(a, b) {
  const places = a !== b && a.length === b.length ? [...a].flatMap((c, i) => (c === b[i] ? [] : [i])) : [];
  return places.length <= few ? places : [];
}

// mark shows which character the number means.
function mark() {
  const at = String(find("flip-at").value - 1);
  for (const node of find("token").children) node.toggleAttribute("data-at", node.dataset.i === at);
}

function drawAnswer(opinions, lines) {
  const here = opinions.find((o) => o.name === document.body.dataset.server);
  if (!here) return;
  const who = here.who.subject || "nobody";
  const node = find("flip-who");
  say(node, changed.length ? `${before} before, ${who} now` : who);
  node.dataset.tone = changed.length ? "bad" : here.who.subject ? "good" : "";
  say(find("flip-answer"), `${here.status} ${JSON.stringify(here.who)}`);
  const line = changed.length > 0 && lines.find((l) => l.n > refusedAfter && l.message === "session refused"
    && l.server === document.body.dataset.server && l.device === "Browser"); // not what became of another device
  say(find("flip-reason"), line ? line.err : "–");
  find("flip-reason").dataset.tone = line ? "bad" : "";
}

export function drawClocks({ cookie, skew }) {
  const inside = cookie && cookie.inside;
  const now = Date.now() + skew;
  const show = (id, end, span, text) => {
    const node = find(id);
    say(node, text || (inside ? left(end - now) : "–"));
    width(node.parentElement, inside && end ? (end - now) / span : 0);
  };
  const renewal = inside && inside.renewal;
  show("clock-renewal", renewal, inside && inside.idleSpan / 4, inside && (!renewal ? "no more" : renewal <= now ? "with the next" : ""));
  show("clock-idle", inside && inside.idle, inside && inside.idleSpan);
  show("clock-absolute", inside && inside.absolute, inside && inside.fullSpan);
}

export function wireCookie(state, refresh) {
  // change makes exactly one character another one, or none: what was changed before is put back.
  const change = (at) => inTurn(async () => {
    refusedAfter = state.lines.length ? state.lines[0].n : 0;
    const places = changed.includes(at) || at < 0 ? changed : [...changed, at];
    if (places.length) await post("/demo/flip", places.map((place) => ["at", place]));
    await refresh();
  });
  find("token").addEventListener("click", (e) => {
    if (!e.target.dataset.i) return;
    const at = Number(e.target.dataset.i);
    find("flip-at").value = at + 1;
    change(at);
  });
  find("flip-at").addEventListener("input", mark);
  const fill = (bytes) => inTurn(async () => {
    problem("fill-problem", await post("/fill", { bytes }));
    await refresh();
  });
  find("fill-form").addEventListener("submit", (e) => {
    e.preventDefault();
    fill(find("fill-bytes").value);
  });
  find("fill-empty").addEventListener("click", () => fill(0));
  find("flip-form").addEventListener("submit", (e) => {
    e.preventDefault();
    change(Number(find("flip-at").value) - 1);
  });
  find("flip-back").addEventListener("click", async () => {
    await change(-1);
    find("flip-at").focus(); // the button is gone, and the focus would be nowhere
  });
  find("reveal").addEventListener("click", () => {
    const open = find("inside").hidden;
    find("inside").hidden = !open;
    find("reveal").setAttribute("aria-expanded", open);
    say(find("reveal"), open ? "Close it again" : "Open with the server’s keys");
  });
}
