import { find, el, svg, say, keyed, clock, left } from "./dom.js";

// The timeline shows from ten minutes ago to in twenty.
const back = 10 * 60e3;
const ahead = 20 * 60e3;
const lane = 300; // units of the drawing

export function drawKeys({ snapshot, cookie, skew }) {
  const now = Date.now() + skew;
  const keys = snapshot.keys;
  const mine = cookie.inside ? cookie.inside.kid : cookie.header && cookie.header.kid;
  say(find("your-kid"), mine || "–");
  const sealing = keys.find((k) => k.phase === "sealing");
  const mineNow = keys.find((k) => k.kid === mine);
  say(find("kid-note"), !mine || !sealing || mine === sealing.kid ? ""
    : mineNow && mineNow.phase === "gone" ? "It is gone, and so is the session." : "A newer one seals: your next visit moves it over.");
  keyed(find("key-list"), keys, (k) => k.kid, make, (node, k) => {
    node.dataset.phase = k.phase;
    say(node.querySelector("small"), note(k, now) + (k.kid === mine ? " · your cookie" : ""));
    node.querySelector("small").classList.toggle("yours", k.kid === mine);
    const badge = node.querySelector(".badge");
    badge.dataset.phase = k.phase;
    say(badge, k.phase);
    node.querySelector("svg").replaceChildren(...bars(k, keys, now));
    const [promote, retire, remove] = node.querySelectorAll("button");
    promote.disabled = k.phase === "sealing" || k.phase === "gone";
    retire.disabled = k.phase === "gone" || (k.phase === "opening" && k.until > 0);
    remove.disabled = k.phase === "gone";
    node.querySelector(".row").hidden = k.phase === "gone";
  });
}

function make(k) {
  const button = (action, text) => {
    const b = el("button", { type: "button", className: "quiet small", textContent: text, id: `${action}-${k.kid}` });
    b.setAttribute("aria-label", `${text} key ${k.kid}`);
    b.dataset.action = action;
    b.dataset.kid = k.kid;
    return b;
  };
  return el("li", {},
    el("span", { className: "kid" }, el("b", { textContent: k.kid }), el("small")), el("span", { className: "badge" }),
    svg("svg", { viewBox: `0 0 ${lane} 20`, preserveAspectRatio: "none", "aria-hidden": "true" }),
    el("span", { className: "row" }, button("promote", "Promote"), button("retire", "Retire"), button("remove", "Remove")));
}

function note(k, now) {
  if (k.phase === "gone") return `since ${clock(k.gone)}`;
  if (k.phase === "pending") return `${k.alg} · seals in ${left(k.from - now)}`;
  if (k.until) return `${k.alg} · opens until ${clock(k.until)}`;
  return k.alg;
}

// bars are what becomes of a key: from being made to its start it is pending, then it seals until a later one has started, and opens.
function bars(k, keys, now) {
  const x = (ms) => Math.max(0, Math.min(lane, ((ms - now + back) / (back + ahead)) * lane));
  const start = k.from || k.created;
  const end = k.phase === "gone" ? k.gone : k.until || now + ahead;
  const later = keys.filter((o) => o.phase !== "gone" && (o.from || 0) > (k.from || 0)).map((o) => o.from);
  let stop = Math.min(end, ...later);
  if (k.phase === "opening") stop = Math.min(stop, now);
  const bar = (name, from, to) => (x(to) > x(from)
    ? [svg("rect", { class: `bar-${name}`, x: x(from), y: 4, width: x(to) - x(from), height: 12, rx: 2 })] : []);
  const drawn = k.phase === "gone" ? bar("gone", Math.min(start, end), end)
    : [...bar("pending", k.created || start, start), ...bar("sealing", start, stop), ...bar("opening", Math.max(start, stop), end)];
  return [...drawn, svg("line", { class: "now-line", x1: x(now), x2: x(now), y1: 0, y2: 20 })];
}

export function wireKeys(act) {
  find("key-add").addEventListener("click", () => act("/demo/keys", { action: "add", alg: find("alg").value }, "keys-problem"));
  find("key-list").addEventListener("click", (e) => {
    const { action, kid } = e.target.dataset;
    if (action) act("/demo/keys", { action, kid }, "keys-problem");
  });
}
