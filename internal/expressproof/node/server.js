// An application as it is before the move: express-session with express-mysql-session, connect-pg-simple or connect-redis. It
// prints its address and serves until its input ends.
const express = require("express");
const session = require("express-session");

const setup = JSON.parse(process.env.SETUP);
const stores = {
  mysql: () => {
    const MySQLStore = require("express-mysql-session")(session);
    return new MySQLStore({ ...setup.mysql, user: "root", password: "", database: "test" });
  },
  postgresql: () => {
    const PgStore = require("connect-pg-simple")(session);
    return new PgStore({ conString: setup.postgresql, createTableIfMissing: true, pruneSessionInterval: false });
  },
  redis: () => {
    const { RedisStore } = require("connect-redis");
    const client = require("redis").createClient({ url: setup.redis });
    client.on("error", () => {}); // it connects again
    const store = new RedisStore({ client, ...setup.redisStore });
    store.onReady = () => client.connect();
    return store;
  },
};

const store = stores[Object.keys(stores).find((name) => setup[name])]();
const app = express();
app.use(session({
  secret: setup.secrets, resave: false, saveUninitialized: false, cookie: { maxAge: setup.maxAge },
  store,
}));

app.post("/signin", (req, res, next) => req.session.regenerate((err) => {
  if (err) return next(err);
  req.session.user = { name: req.query.user, note: "é ☃ \u{1f36a} \"quoted\" \\ " };
  if (req.query.maxAge) req.session.cookie.maxAge = Number(req.query.maxAge);
  if (req.query.user.startsWith("dated")) req.session.signedInAt = Date.now();
  req.session.views = 0;
  res.send("ok");
}));
app.get("/me", (req, res) => {
  if (!req.session.user) return res.sendStatus(401);
  req.session.views++;
  res.json({ user: req.session.user.name, views: req.session.views });
});
app.post("/signout", (req, res, next) => req.session.destroy((err) => (err ? next(err) : res.clearCookie("connect.sid").send("ok"))));

const ready = store.onReady ? store.onReady() : Promise.resolve(); // which makes the table, or connects
ready.then(() => {
  const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
  server.keepAliveTimeout = 0; // else it may close a connection just when the client sends on it
});
process.stdin.on("end", () => process.exit()).resume();
