const fs = require("node:fs");
const path = require("node:path");
const Database = require("better-sqlite3");

exports.open = (file) => {
  const db = new Database(file);
  db.exec(fs.readFileSync(path.join(__dirname, "..", "schema.sql"), "utf8"));
  return db;
};
