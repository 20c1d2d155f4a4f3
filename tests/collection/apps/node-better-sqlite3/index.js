const http = require("node:http");
const { open } = require("./lib/db");

const db = open("data/todo.db");
const all = db.prepare("SELECT text FROM todo");

http
  .createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(all.all()));
  })
  .listen(4000);
