import path from "node:path";
import express from "express";

const client = require(path.resolve("node_modules/.client"));
const app = express();
app.get("/", (request, response) => {
  response.json([new client.User({ id: 1, name: "Ada" }), new client.Post({ id: 2, title: "Notes", author: 1 })]);
});
app.listen(3500);
