import { find, el, svg, say, keyed, took, count, post } from "./dom.js";

const names = ["opened", "sealed", "renewed", "refused"];
const box = { left: 30, right: 298, top: 6, bottom: 106 };

export function drawCharts(meter) {
  drawEvents(meter);
  drawLatency(meter.requests);
}

function drawEvents({ rows, totals, reasons }) {
  const seconds = rows.opened.length;
  const sums = rows.opened.map((_, i) => names.reduce((n, name) => n + rows[name][i], 0));
  const most = nice(Math.max(4, ...sums));
  const step = (box.right - box.left) / seconds;
  const bars = [];
  for (let i = 0; i < seconds; i++) {
    let base = box.bottom;
    for (const name of names) {
      const height = (rows[name][i] / most) * (box.bottom - box.top);
      if (!height) continue;
      base -= height;
      const bar = svg("rect", { x: box.left + i * step + 0.4, y: base, width: step - 0.8, height });
      bar.dataset.series = name;
      bars.push(bar);
    }
  }
  find("events-chart").replaceChildren(...grid(most, String), ...bars, ...labels("60 s ago", "now"));
  find("events-chart").setAttribute("aria-label", `Events per second in the last minute, at most ${Math.max(...sums)}`);
  keyed(find("events-legend"), names, (n) => n, (n) => {
    const item = el("li");
    item.dataset.series = n;
    return item;
  }, (item, n) => say(item, `${n} ${totals[n]}`));
  const why = Object.entries(reasons).sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${reason} ${n}`).join(", ");
  say(find("reasons"), why ? `Refused: ${why}.` : "Nothing was refused.");
}

function drawLatency(requests) {
  if (!requests.length) return;
  const sorted = requests.map((r) => r.us).sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const most = Math.max(1000, sorted[sorted.length - 1]);
  // Logarithmic, from 10 µs on: what is usual and what is rare are seen in one picture.
  const y = (us) => box.bottom - (Math.log10(Math.max(10, us) / 10) / Math.log10(most / 10)) * (box.bottom - box.top);
  const lines = [10, 100, 1000, 10000, 100000].filter((us) => us <= most).flatMap((us) => line(y(us), took(us)));
  const step = (box.right - box.left) / 150;
  const dots = requests.map((r, i) => {
    const [x, echo] = [box.left + (150 - requests.length + i + 0.5) * step, r.server === "Echo"];
    // Not by colour alone.
    const dot = echo ? svg("rect", { x: x - 1.6, y: y(r.us) - 1.6, width: 3.2, height: 3.2 }) : svg("circle", { cx: x, cy: y(r.us), r: 1.8 });
    dot.dataset.series = echo ? "echo" : "std";
    dot.append(svg("title", {}, `${r.what}: ${took(r.us)}, ${r.status}`));
    return dot;
  });
  find("latency-chart").replaceChildren(...lines, ...dots, ...labels("earlier", "the last"));
  find("latency-chart").setAttribute("aria-label", `Latency of the last ${requests.length} requests`);
  say(find("latency-text"), `Half of the last ${requests.length} took less than ${took(at(0.5))}, 95 % less than ${took(at(0.95))}.`);
}

export function drawProcess({ heap, goroutines, requests, failed }) {
  say(find("heap"), `${(heap / 2 ** 20).toFixed(1)} MiB`);
  say(find("goroutines"), count(goroutines));
  say(find("requests"), count(requests));
  say(find("failed"), count(failed));
  find("failed").dataset.tone = failed ? "bad" : "";
}

export function wireProcess() {
  find("collect").addEventListener("click", () => post("/demo/process"));
}

const nice = (n) => [4, 6, 10, 20, 40, 60, 100, 200, 400, 600, 1000].find((m) => m >= n) || n;

const line = (y, text) => [
  svg("line", { class: "grid-line", x1: box.left, x2: box.right, y1: y, y2: y }),
  svg("text", { x: box.left - 4, y: y + 2.8, "text-anchor": "end" }, text),
];

const grid = (most, text) => [0, 0.5, 1].flatMap((part) => line(box.bottom - part * (box.bottom - box.top), text(part * most)));

const labels = (first, last) => [
  svg("text", { x: box.left, y: 117 }, first), svg("text", { x: box.right, y: 117, "text-anchor": "end" }, last),
];
