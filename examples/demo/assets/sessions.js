import { find, el, say, keyed, clock, took } from "./dom.js";

export function drawSessions({ snapshot, cookie, skew }) {
  const now = Date.now() + skew;
  const mine = cookie.inside && cookie.inside.sid;
  const gone = new Set(snapshot.keys.filter((k) => k.phase === "gone").map((k) => k.kid));
  find("no-sessions").hidden = snapshot.sessions.length > 0;
  keyed(find("session-rows"), snapshot.sessions, (s) => s.sid, (s) => {
    const revoke = el("button", { type: "button", className: "quiet small", textContent: "Revoke", id: `revoke-${s.sid}` });
    revoke.dataset.sid = s.sid;
    return el("tr", {}, el("td"), el("td"), el("td", {}, el("code")), el("td"), el("td", {}, el("span", { className: "badge" })), el("td", {}, revoke));
  }, (row, s) => {
    const [device, who, kid, seen, state, action] = row.children;
    say(device, s.device + (s.sid === mine ? " (this one)" : ""));
    say(who, s.subject || "anonymous");
    say(kid.firstChild, s.kid);
    say(seen, `${ago(now - s.seen)} on ${s.server}`);
    const word = s.state === "live" && gone.has(s.kid) ? "key gone" : s.state;
    state.firstChild.dataset.state = word === "live" ? "live" : "over";
    say(state.firstChild, word);
    action.firstChild.disabled = word !== "live";
    action.firstChild.setAttribute("aria-label", `Revoke the session of ${s.subject || "an anonymous"} ${s.device}`);
  });
  drawNode(snapshot);
}

function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  return s < 2 ? "now" : s < 60 ? `${s} s ago` : `${Math.floor(s / 60)} min ago`;
}

function drawNode({ node, revocations }) {
  say(find("node-pid"), node.gone ? `process ${node.pid} has ended` : node.pid ? `process ${node.pid}` : "");
  find("store-switch").checked = !node.away;
  say(find("node-note"), node.gone ? "It comes back when the demo is started anew. The two servers above need nothing of it."
    : node.away && node.stale ? "It cannot tell who was revoked. “Refuse” answers 503 and leaves the cookie alone; “allow” goes on by what it knew."
    : node.away ? "It goes on by what it knows, for two seconds at most." : "It follows the store, and checks from memory.");
  find("no-revocations").hidden = revocations.length > 0;
  keyed(find("revocations"), revocations, (r) => r.n, (r) => el("li", {}, el("span", { textContent: `${r.kind} ${r.name}` }), el("strong"), el("small", { textContent: `${clock(r.recorded)} · ${r.reason}` })),
    (row, r) => say(row.children[1], r.us < 0 ? (node.away || node.gone ? "cut off" : "…") : took(r.us)));
}

// drawOpinions says whom each server knows.
export function drawOpinions({ opinions }) {
  for (const o of opinions) {
    const text = o.status === 503 ? "503: it can’t tell, the cookie stays" : !o.status ? "no answer"
      : o.who.subject ? `Signed in as ${o.who.subject}` : "Nobody is signed in";
    const tone = o.status === 503 || !o.status ? "bad" : o.who.subject ? "good" : "";
    const facts = { "node, refuse": "node-refuse", "node, allow": "node-allow" }[o.name];
    if (facts) {
      say(find(facts), text);
      find(facts).dataset.tone = tone;
      continue;
    }
    const card = document.querySelector(`.server[data-name="${o.name}"]`);
    const knows = card.querySelector("[data-knows]");
    if (knows.textContent !== text) {
      knows.replaceChildren(...(o.who.subject ? ["Signed in as ", el("strong", { textContent: o.who.subject })] : [text]));
    }
    if (o.status !== 200) continue;
    card.querySelector(".signout").hidden = !o.who.subject;
    card.querySelector(".signin").hidden = !!o.who.subject;
  }
}

export function wireSessions(act) {
  for (const button of document.querySelectorAll("#sessions [data-action]")) {
    button.addEventListener("click", () => act("/demo/sessions", { action: button.dataset.action }, "sessions-problem"));
  }
  find("session-rows").addEventListener("click", (e) => {
    if (e.target.dataset.sid) act("/demo/sessions", { action: "revoke", sid: e.target.dataset.sid }, "sessions-problem");
  });
  find("store-switch").addEventListener("change", (e) => act("/demo/store", { away: e.target.checked ? "no" : "yes" }, "sessions-problem"));
}
