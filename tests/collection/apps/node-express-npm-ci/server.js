const express = require("express");
const { next } = require("./counter");

const app = express();
app.use("/public", express.static("public"));
app.get("/", (request, response) => response.json({ visits: next() }));

app.listen(8080, () => console.log("counter listens on 8080"));
