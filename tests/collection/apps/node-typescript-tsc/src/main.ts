import ejs from "ejs";
import fastify from "fastify";
import { letters } from "./letters";

const app = fastify();

app.get("/", async (request, reply) => {
  const page = await ejs.renderFile("views/index.ejs", { letters: letters() });
  return reply.type("text/html").send(page);
});

app.listen({ port: 3000, host: "0.0.0.0" }).catch((error: Error) => {
  console.error(error);
  process.exit(1);
});
