import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { banner } from "./banner.js";

const app = new Hono();
app.get("/", (context) => context.text(banner("bundled")));
serve({ fetch: app.fetch, port: 3300, hostname: "0.0.0.0" });
