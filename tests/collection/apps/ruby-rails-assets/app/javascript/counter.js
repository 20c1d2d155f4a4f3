import { words } from "./words";

for (const area of document.querySelectorAll("textarea")) {
  area.addEventListener("input", () => {
    document.querySelector("output").textContent = `${words(area.value)} words`;
  });
}
