import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import Mustache from "mustache";

const config = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const texts = Object.fromEntries(
  fs.readdirSync("locales").map((file) => [path.parse(file).name, JSON.parse(fs.readFileSync(`locales/${file}`, "utf8"))]),
);
const view = fs.readFileSync("views/hello.mustache", "utf8");

http
  .createServer((request, response) => {
    const language = request.headers["accept-language"]?.slice(0, 2) ?? "";
    response.end(Mustache.render(view, texts[language] ?? texts[config.language]));
  })
  .listen(config.port);
