const polka = require("polka");
const { plural } = require("@repo/words");

polka()
  .get("/", (request, response) => response.end(`${plural(3, "workspace")}\n`))
  .listen(3100);
