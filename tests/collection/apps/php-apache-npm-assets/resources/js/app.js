import { highlight } from "./search.js";

document.querySelector("input[type=search]")?.addEventListener("input", (event) => highlight(event.target.value));
