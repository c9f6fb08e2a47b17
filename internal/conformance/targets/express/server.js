// The site of package conformance, with express-session. It prints its address and serves until its input ends.
const crypto = require("crypto");
const express = require("express");
const session = require("express-session");

const hour = 3600e3;
const secret = () => crypto.randomBytes(32).toString("hex");
const realNow = Date.now;
Date.now = () => realNow() + site.ahead;

// The unit is a duration of Go, such as 1h20m0s or -10s.
function milliseconds(text) {
  const units = { h: hour, m: 60e3, s: 1e3 };
  let sum = 0;
  for (const [, n, unit] of text.matchAll(/([\d.]+)([hms])/g)) sum += n * units[unit];
  return text.startsWith("-") ? -sum : sum;
}

// site is what a reset makes anew.
let site = { ahead: 0 };
function reset(options) {
  site = {
    ahead: 0,
    name: options.name || "__Host-session",
    secrets: [secret()],
    store: new session.MemoryStore(),
    cookie: {
      path: options.path || "/",
      domain: options.domain,
      secure: options.http !== "1",
      httpOnly: options.script !== "1",
      sameSite: options.samesite || "lax",
      partitioned: options.partitioned === "1" || undefined,
      priority: options.priority,
      maxAge: hour / 2,
    },
    rolling: options.renewal === "always",
    tenants: options.tenants === "1",
    waiting: [],
    arrivals: [],
  };
  site.second = session({ ...common(), name: "__Host-second", store: new session.MemoryStore() });
  configure();
}

const common = () => ({
  secret: site.secrets, resave: false, saveUninitialized: false, proxy: true, rolling: site.rolling,
  cookie: site.tenants ? cookieOf : site.cookie,
});

// cookieOf has the Domain that a request asks for.
const cookieOf = (req) => (site.tenants ? { ...site.cookie, domain: req.get("X-Tenant") } : site.cookie);

function configure() {
  site.first = session({ ...common(), name: site.name, store: site.store });
}

const lacks = {
  absolute: "express-session has one lifetime, which starts anew with each request",
  own: "express-session has one lifetime, which starts anew with each request",
  session: "to end idle sessions express-session needs cookie.maxAge, and then its cookies are persistent",
  passive: "with express-session every request that loads a session keeps it alive",
  leeway: "the server alone knows when a session ends",
  sealed: "the cookie is a signed id",
  bounded: "the session is kept on the server, with no limit",
  chunks: "not offered, nor needed: the session is kept on the server, with no limit",
  twins: "not offered: of several cookies of one name the first counts, and the others stay",
  recent: "not offered: how and when somebody signed in are values that the application keeps",
  bearer: "not offered: the id comes in a cookie",
  csrf: "not offered: protection against requests of other sites is another package's",
  proxy: "not offered: a proxy passes on what it is told to",
  reader: "not offered: who has the store may write to it",
  forms: "not offered: values have no types, and the application looks at what it gets",
};

const control = express.Router();
control.all("/reset", (req, res) => { reset(req.query); res.end(); });
control.all("/about", (req, res) =>
  res.json({ cookie: site.name, second: "__Host-second", header: { "X-Forwarded-Proto": "https" }, lacks }));
control.all("/clock", (req, res) => { site.ahead = milliseconds(req.query.ahead); res.end(); });
control.all("/configure", (req, res) => {
  site.cookie = { ...site.cookie, maxAge: milliseconds(req.query.idle) };
  configure();
  res.end();
});
control.all("/keys", (req, res) => {
  site.secrets = req.query.do === "add" ? [secret(), ...site.secrets] : site.secrets.slice(0, 1);
  configure();
  res.end();
});
control.all("/held", async (req, res) => { await held(); res.end(); });
control.all("/release", async (req, res) => { await held(); site.waiting.shift()(); res.end(); });

// hold waits until it is let go; held waits until somebody is in hold.
const hold = () => new Promise((leave) => {
  site.waiting.push(leave);
  for (const tell of site.arrivals.splice(0)) tell();
});
const held = () => (site.waiting.length ? null : new Promise((tell) => site.arrivals.push(tell)));

const set = (req, values) => { req.session.values = { ...req.session.values, ...values }; };
const show = (req, res) =>
  res.json({ values: req.session.values || {}, subject: req.session.subject || "", id: req.sessionID });

// regenerate gives the session a new id, as the documentation of express-session has it, and keeps what it is given.
const regenerate = (req, kept) => new Promise((done, fail) => req.session.regenerate((err) => {
  if (err) return fail(err);
  Object.assign(req.session, kept);
  done();
}));
const content = (session) => {
  const { cookie, ...kept } = JSON.parse(JSON.stringify(session));
  return kept;
};

// end destroys the session and deletes the cookie of who has sent one.
const end = async (req, res) => {
  await new Promise((done, fail) => req.session.destroy((err) => (err ? fail(err) : done())));
  const { maxAge, ...attributes } = cookieOf(req);
  if ((req.headers.cookie || "").includes(site.name + "=")) res.clearCookie(site.name, attributes);
};

const pages = express.Router();
const acts = (path, act) => pages.all(path, async (req, res) => { await act(req, res); res.send("ok"); });
pages.all("/noop", (req, res) => res.set("Cache-Control", "public, max-age=60").send("noop"));
pages.all(["/read", "/peek", "/second/read"], show);
acts(["/set", "/second/set"], (req) => set(req, req.query));
acts("/revert", (req) => {
  const before = req.session.values[req.query.key];
  set(req, { [req.query.key]: "something else" });
  set(req, { [req.query.key]: before });
});
acts("/delete", (req) => { if (req.session.values) delete req.session.values[req.query.key]; });
pages.all("/count", (req, res) => {
  const n = Number((req.session.values || {}).n || 0) + 1;
  set(req, { n: String(n) });
  res.send(String(n));
});
acts("/large", (req) => set(req, { large: "x".repeat(Number(req.query.bytes)) }));
acts("/touch", (req) => req.session.touch());
acts("/flash", (req) => { req.session.flash = [...(req.session.flash || []), req.query.text]; });
pages.all("/flashes", (req, res) => {
  const left = req.session.flash || [];
  delete req.session.flash;
  res.json(left);
});
acts("/remember", (req) => {
  req.session.remembered = req.query.on === "1";
  req.session.cookie.maxAge = req.session.remembered ? 7 * 24 * hour : site.cookie.maxAge;
});
acts("/signin", async (req) => {
  const { subject } = req.query;
  const kept = content(req.session);
  await regenerate(req, kept.subject && kept.subject !== subject ? { subject } : { ...kept, subject });
});
acts("/fresh", (req) => regenerate(req, { values: req.query }));
acts("/renew", (req) => regenerate(req, content(req.session)));
acts("/signout", end);
async function endAll(subject) {
  const all = await new Promise((done, fail) => site.store.all((err, all) => (err ? fail(err) : done(all))));
  for (const [id, other] of Object.entries(all)) {
    if (other.subject === subject) await new Promise((done) => site.store.destroy(id, done));
  }
}
acts("/everywhere", async (req, res) => {
  await endAll(req.session.subject);
  await end(req, res);
});
acts("/others", async (req) => {
  if (!req.session.subject) return;
  const kept = content(req.session);
  await endAll(kept.subject);
  await regenerate(req, kept);
});
pages.all("/left", (req, res) => res.json({ idle: req.session.cookie.maxAge / 1000 }));
// A package keeps something under a name of its own.
acts("/slot", (req) => { req.session[req.query.package] = req.query.text; });
pages.all("/slots", (req, res) => {
  const names = [req.query.package].flat().filter((name) => name in req.session);
  res.json(Object.fromEntries(names.map((name) => [name, req.session[name]])));
});
pages.all("/gate", (req, res) => res.sendStatus(req.session.subject ? 200 : 401));
acts("/hold", async (req) => { await hold(); set(req, req.query); });

const ways = {
  status(req, res) {
    const code = Number(req.query.code);
    if (code > 300 && code < 309 && code !== 304) return res.redirect(code, "/read");
    res.status(code).end(code === 204 || code === 304 ? undefined : "body");
  },
  empty: (req, res) => res.end(),
  flush(req, res) { res.flushHeaders(); res.end("body"); },
  async stream(req, res) { res.write("one"); await hold(); res.end("two"); },
  big(req, res) { for (let i = 0; i < 256; i++) res.write("x".repeat(4096)); res.end(); },
  length: (req, res) => res.set("Content-Length", "4").end("body"),
  hints(req, res) { res.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" }); res.end("body"); },
  panic() { throw new Error("as asked"); },
  abort(req, res) { res.write("body", () => res.socket.destroy()); },
  notmodified: (req, res) => res.set("ETag", '"v1"').send("body"),
  headers(req, res) {
    for (const field of [req.query.h].flat()) {
      const [, name, value] = field.match(/^([^:]*):(.*)$/s);
      res.append(name, value);
    }
    res.end("body");
  },
  error() { throw Object.assign(new Error("teapot"), { status: 418 }); },
};
const change = (req) => { for (const pair of [req.query.set].flat()) set(req, { [pair.split("=")[0]]: pair.split("=")[1] }); };
pages.all("/respond/early", (req, res) => { res.flushHeaders(); change(req); res.end("body"); });
pages.all("/respond/:how", async (req, res) => { change(req); await ways[req.params.how](req, res); });

const app = express();
app.disable("x-powered-by");
app.use("/control", control);
const sessions = (req, res, next) => (req.path.startsWith("/second/") ? site.second : site.first)(req, res, next);
app.use("/in", sessions, pages);
app.use(sessions, pages);
// To break off a page that is complete, as Express does by default, would hit the next request over the same connection.
app.use((err, req, res, next) => { if (!res.writableEnded) next(err); });
const server = app.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
server.keepAliveTimeout = 0; // else it may close a connection just when the client sends on it
process.stdin.on("end", () => process.exit()).resume();
