import { find, say, width, count, post, problem } from "./dom.js";

export function drawLoad(load) {
  find("load-start").disabled = load.running;
  width(find("load-progress"), load.part);
  find("load-progress").setAttribute("aria-valuenow", Math.round(load.part * 100));
  if (!load.seconds.sealed) return;
  const plain = load.plain / load.seconds.plain;
  const sealed = load.sealed / load.seconds.sealed;
  say(find("rate-plain"), count(plain));
  say(find("rate-sealed"), count(sealed));
  width(find("rate-plain").parentElement, plain / Math.max(plain, sealed));
  width(find("rate-sealed").parentElement, sealed / Math.max(plain, sealed));
  const failed = load.failed ? ` ${count(load.failed)} failed.` : "";
  say(find("load-text"), load.running ? "Requests per second, so far."
    : `Requests per second, over real connections: ${count(load.plain + load.sealed)} in all.${failed} With sealjar each opens a session: ${share(plain, sealed)}.`);
}

function share(plain, sealed) {
  const percent = Math.round((1 - sealed / plain) * 100);
  return percent > 0 ? `${percent} % fewer` : "no difference that can be measured here";
}

export function wireLoad() {
  find("load-start").addEventListener("click", async () => problem("load-problem", await post("/demo/load")));
}
