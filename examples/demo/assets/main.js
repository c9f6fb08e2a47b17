import { find, say, keyed, el, clock, post, problem, inTurn, keepFocus } from "./dom.js";
import { drawCookie, drawClocks, wireCookie } from "./cookie.js";
import { drawKeys, wireKeys } from "./keys.js";
import { drawSessions, drawOpinions, wireSessions } from "./sessions.js";
import { drawCharts, drawProcess, wireProcess } from "./charts.js";
import { drawLoad, wireLoad } from "./load.js";

// state is the last that the server has told.
const state = { snapshot: null, cookie: null, opinions: [], lines: [], skew: 0, epoch: null };

// refresh asks for what depends on this browser's cookie.
let refreshing = null;
let again = false;
let later = 0;
async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  clearTimeout(later);
  let silent = true; // somebody does not answer, and may soon
  refreshing = (async () => {
    do {
      again = false;
      const [cookie, opinions] = await Promise.all(["/demo/cookie", "/demo/servers"].map((path) => fetch(path).then((r) => r.json())));
      Object.assign(state, { cookie, opinions });
      keepFocus(draw);
      silent = opinions.some((o) => !o.status) && !(state.snapshot && state.snapshot.node.gone);
    } while (again);
  })().catch(() => {}).finally(() => {
    refreshing = null;
    if (silent) later = setTimeout(refresh, 1000);
  });
  return refreshing;
}

// visit is an ordinary request of the page, which counts as one.
const visit = () => inTurn(async () => {
  await fetch("/", { headers: { Accept: "text/plain" } }).catch(() => {});
  await refresh();
});

function draw() {
  if (state.cookie) drawCookie(state);
  if (state.snapshot && state.cookie) {
    drawKeys(state);
    drawSessions(state);
  }
  drawOpinions(state);
}

function drawLog(lines) {
  const last = state.lines.length ? state.lines[0].n : 0;
  const news = lines.filter((l) => l.n > last);
  if (!news.length) return;
  state.lines = [...news.reverse(), ...state.lines].slice(0, 200);
  keyed(find("log"), state.lines, (l) => l.n, (l) => {
    const where = [clock(l.at), l.server, l.device].filter(Boolean).join(" · ");
    const node = el("li", {}, el("span", { className: "meta", textContent: where }), el("span", { className: "what", textContent: l.message }));
    if (l.err) node.append(el("span", { className: "err", textContent: l.err }));
    if (l.detail) node.append(el("span", { className: "detail", textContent: l.detail }));
    return node;
  }, () => {});
}

let live = null;

// listen holds one of the six connections that a browser has for a server: a tab at which nobody looks leaves it to others.
function listen() {
  if (live || document.hidden) return;
  live = new EventSource("/demo/live");
  const on = (yes, text) => {
    find("live").dataset.on = yes;
    say(find("live"), text);
  };
  live.onerror = () => on("no", "not connected");
  live.onmessage = (message) => {
    const s = JSON.parse(message.data);
    if (state.snapshot && state.snapshot.demo !== s.demo) { // it was started anew, with other keys and perhaps with another page
      location.reload();
      return;
    }
    on("yes", "live");
    state.snapshot = s;
    state.skew = s.now - Date.now();
    drawLog(s.lines);
    keepFocus(() => {
      draw();
      drawLoad(s.load);
    });
    drawCharts(s.meter);
    drawProcess(s.process);
    if (s.epoch !== state.epoch) {
      state.epoch = s.epoch;
      refresh();
    }
  };
}

function rest() {
  if (live) live.close();
  live = null;
}

// wake asks for everything again: another tab may have changed the cookie meanwhile.
function wake() {
  listen();
  refresh();
}

// expire looks again when the session's time is over, for nothing happens then that the server could tell of. The server lets it
// live for as much longer as clocks may differ, so it asks more than once.
let asked = 0;
function expire() {
  const inside = state.cookie && state.cookie.inside;
  const now = Date.now();
  if (!inside || document.hidden || now + state.skew < inside.idle || now - asked < 1000) return;
  asked = now;
  refresh();
}

// act is what most buttons do: tell the server, show what is wrong, and look again.
const act = (path, form, problemID) => inTurn(async () => {
  problem(problemID, await post(path, form));
  await refresh();
});

for (const button of document.querySelectorAll("button.visit")) button.addEventListener("click", visit);
wireCookie(state, refresh);
wireKeys(act);
wireSessions(act);
wireLoad();
wireProcess();
setInterval(() => {
  drawClocks(state);
  expire();
}, 250);
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
addEventListener("pagehide", rest);
addEventListener("pageshow", wake); // also when the browser has kept the page, and comes back to it
