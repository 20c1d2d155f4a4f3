import Koa from "koa";

const app = new Koa();
app.use(async (context) => {
  context.body = { EUR: 1, SEK: 11.2 };
});
app.listen(Number(process.env.PORT));
