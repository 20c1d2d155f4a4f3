const fs = require("node:fs");
const { marked } = require("marked");

fs.mkdirSync("public", { recursive: true });
for (const file of fs.readdirSync("content")) {
  fs.writeFileSync(`public/${file.replace(/\.md$/, ".html")}`, marked.parse(fs.readFileSync(`content/${file}`, "utf8")));
}
