export function highlight(words) {
  for (const item of document.querySelectorAll("li")) {
    item.hidden = !item.textContent.toLowerCase().includes(words.toLowerCase());
  }
}
