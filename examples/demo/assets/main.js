import { find, say, keyed, el, clock, post, problem } from "./dom.js";
import { drawCookie, drawClocks, wireCookie } from "./cookie.js";
import { drawKeys, wireKeys } from "./keys.js";
import { drawSessions, drawOpinions, wireSessions } from "./sessions.js";
import { drawCharts } from "./charts.js";
import { drawLoad, wireLoad } from "./load.js";

// state is the last that the server has told.
const state = { snapshot: null, cookie: null, opinions: [], lines: [], skew: 0 };

// refresh asks for what depends on this browser's cookie.
let refreshing = null;
let again = false;
async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      const [cookie, opinions] = await Promise.all(["/demo/cookie", "/demo/servers"].map((path) => fetch(path).then((r) => r.json())));
      Object.assign(state, { cookie, opinions });
      draw();
      if (opinions.some((o) => !o.status)) setTimeout(refresh, 1000);
    } while (again);
  })().catch(() => setTimeout(refresh, 1000)).finally(() => { refreshing = null; });
  return refreshing;
}

// visit is an ordinary request of the page, which counts as one.
async function visit() {
  await fetch("/", { headers: { Accept: "text/plain" } }).catch(() => {});
  await refresh();
}

function draw() {
  if (state.cookie) drawCookie(state);
  if (state.snapshot && state.cookie) {
    drawKeys(state);
    drawSessions(state);
  }
  drawOpinions(state);
}

function drawLog(lines) {
  if (!lines.length) return;
  state.lines = [...lines.reverse(), ...state.lines].slice(0, 200);
  keyed(find("log"), state.lines, (l) => l.n, (l) => {
    const where = [clock(l.at), l.server, l.device].filter(Boolean).join(" · ");
    const node = el("li", {}, el("span", { className: "meta", textContent: where }), el("span", { className: "what", textContent: l.message }));
    if (l.err) node.append(el("span", { className: "err", textContent: l.err }));
    if (l.detail) node.append(el("span", { className: "detail", textContent: l.detail }));
    return node;
  }, () => {});
}

function listen() {
  const live = new EventSource("/demo/live");
  let epoch = null;
  const on = (yes, text) => {
    find("live").dataset.on = yes;
    say(find("live"), text);
  };
  live.onerror = () => on("no", "not connected");
  live.onmessage = (message) => {
    const s = JSON.parse(message.data);
    on("yes", "live");
    state.snapshot = s;
    state.skew = s.now - Date.now();
    drawLog(s.lines);
    draw();
    drawCharts(s.meter);
    drawLoad(s.load);
    if (s.epoch !== epoch) {
      epoch = s.epoch;
      refresh();
    }
  };
  addEventListener("pagehide", () => live.close());
}

// act is what most buttons do: tell the server, show what is wrong, and look again.
async function act(path, form, problemID) {
  problem(problemID, await post(path, form));
  await refresh();
}

for (const button of document.querySelectorAll("button.visit")) button.addEventListener("click", visit);
wireCookie(state, refresh);
wireKeys(act);
wireSessions(act);
wireLoad();
setInterval(() => drawClocks(state), 250);
listen();
refresh();
