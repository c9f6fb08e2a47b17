// The application of package app, with express-session. It prints its address and serves until its input ends.
const express = require("express");
const session = require("express-session");

const payload = JSON.parse(process.env.PAYLOAD);
const options = {
  secret: require("crypto").randomBytes(32).toString("hex"),
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: "lax" },
};
if (process.env.SOCKET) {
  const MySQLStore = require("express-mysql-session")(session);
  // The store's own options have no way to name a socket.
  const pool = require("mysql2/promise").createPool({ socketPath: process.env.SOCKET, user: "root", database: "test" });
  options.store = new MySQLStore({ createDatabaseTable: true, clearExpired: false }, pool);
}

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use(session(options));
const answer = (res, views) => res.type("text").send(`${views} views\n`);
app.get("/start", (req, res) => { req.session.state = payload; answer(res, 0); });
app.get("/read", (req, res) => answer(res, req.session.state.views));
app.get("/views", (req, res) => { answer(res, ++req.session.state.views); });
app.get("/page", (req, res) => answer(res, 0));

const ready = options.store && options.store.onReady ? options.store.onReady() : Promise.resolve();
ready.then(() => {
  const server = app.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
});
process.stdin.on("end", () => process.exit()).resume();
