import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

createServer((request, response) => {
  const file = join("build", request.url === "/" ? "index.html" : request.url);
  if (!existsSync(file)) return response.writeHead(404).end();
  createReadStream(file).pipe(response);
}).listen(Number(process.env.PORT));
