import { createServer } from "node:http";
import argon2 from "argon2";

const hash = await argon2.hash("correct horse");

createServer(async (request, response) => {
  response.end(`${await argon2.verify(hash, "correct horse")}\n`);
}).listen(3600);
