import express from "express";
import { prices } from "./prices";

const app = express();
app.get("/", (request, response) => { response.json({ goods: Object.keys(prices) }); });
app.get("/prices", (request, response) => { response.json(prices); });
app.listen(3000, () => console.log("shop listens on 3000"));
