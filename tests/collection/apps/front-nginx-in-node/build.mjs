import fs from "node:fs";
import Handlebars from "handlebars";

fs.mkdirSync("out", { recursive: true });
const page = Handlebars.compile(fs.readFileSync("pages/index.hbs", "utf8"));
fs.writeFileSync("out/index.html", page({ title: "Brochure", built: "once" }));
