// Writes one class for each model, where no package manager would look for it.
const fs = require("node:fs");
const path = require("node:path");

const models = JSON.parse(fs.readFileSync(path.join(__dirname, "../schema/models.json"), "utf8"));
const folder = path.join(__dirname, "../node_modules/.client");
const classes = Object.entries(models).map(
  ([name, fields]) => `exports.${name} = class ${name} { constructor(row) { ({${fields.map((f) => `${f}: this.${f}`).join(", ")}} = row); } };`,
);
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, "index.js"), `${classes.join("\n")}\n`);
