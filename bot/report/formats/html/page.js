"use strict";
// The page is complete without this script: it sorts and searches the table, enlarges parts of the pictures, and opens
// what a link or a printer needs. It changes attributes and text alone, and never reads markup.
(() => {
  const make = (name, text) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    return element;
  };

  function sortBy(table, column, head) {
    const ascending = head.getAttribute("aria-sort") === "descending" || (column === 0 && head.ariaSort !== "ascending");
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const key = (row) => {
      const cell = row.cells[column];
      const value = cell.dataset.value;
      return value === undefined || column === 0 ? (value ?? cell.textContent.trim().toLowerCase()) : Number(value);
    };
    const compare = (a, b) => {
      // What is not known comes last, whatever the order.
      if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
      const order = typeof a === "number" ? a - b : a.localeCompare(b);
      return ascending ? order : -order;
    };
    const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]);
    rows.sort((a, b) => compare(a[0], b[0]));
    table.tBodies[0].append(...rows.map((row) => row[1]));
  }

  const table = document.querySelector("table.images");
  if (table && table.tBodies[0].rows.length > 1) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => sortBy(table, column, head));
    });
  }

  const search = document.getElementById("search");
  if (search) {
    search.parentElement.hidden = false;
    const shown = document.getElementById("shown");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const rows = [...table.tBodies[0].rows];
      let count = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
        if (!row.hidden) count += 1;
        const link = row.querySelector("a");
        const details = link && document.getElementById(link.hash.slice(1));
        if (details) details.hidden = row.hidden;
      }
      shown.textContent = words.length ? `${count} of ${rows.length} images` : "";
    });
  }

  // Lists the files and folders whose paths have all words, the largest first. The data is that of file_search.py.
  function searchFiles({ images, layers, texts, rows }, field, count) {
    const most = 50;
    const box = make("div");
    box.className = "scroll";
    field.parentElement.after(box);
    const paths = [];
    for (let at = 0; at < rows.length; at += 4) paths.push(`${texts[rows[at + 1]]}/${texts[rows[at + 2]]}`);
    const lower = paths.map((path) => path.toLowerCase());

    // What images have at the same place, from the same line, is one row: they often copy each other's Dockerfiles.
    const group = (found) => {
      const groups = new Map();
      for (const index of found) {
        const [label, numbers] = layers[rows[4 * index]];
        const size = texts[rows[4 * index + 3]];
        const key = JSON.stringify([paths[index], size, label]);
        if (!groups.has(key)) groups.set(key, { path: paths[index], size, label, numbers: [] });
        groups.get(key).numbers.push(...numbers);
      }
      return [...groups.values()];
    };
    const listImages = (numbers) => {
      const cell = make("td");
      numbers.slice(0, 5).forEach((number, index) => {
        const link = make("a", images[number - 1]);
        link.href = `#image-${number}`;
        cell.append(index ? ", " : "", link);
      });
      if (numbers.length > 5) cell.append(` and ${numbers.length - 5} more`);
      return cell;
    };
    const makeRow = ({ path, size, label, numbers }) => {
      const row = make("tr");
      const first = make("td");
      first.append(make("code", path));
      row.append(first, Object.assign(make("td", size), { className: "n" }), listImages(numbers), make("td", label));
      return row;
    };
    const makeTable = (groups) => {
      const table = Object.assign(make("table"), { className: "files" });
      table.setAttribute("aria-label", "Files and folders");
      const heads = ["path", "size", "images", "layer"].map((name) => Object.assign(make("th", name), { scope: "col" }));
      heads[1].className = "n";
      table.createTHead().insertRow().append(...heads);
      table.createTBody().append(...groups.slice(0, most).map(makeRow));
      return table;
    };

    field.parentElement.hidden = false;
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const has = (index) => words.every((word) => lower[index].includes(word));
      const groups = words.length ? group([...paths.keys()].filter(has)) : [];
      box.replaceChildren(...(groups.length ? [makeTable(groups)] : []));
      const rest = groups.length > most ? `; the ${most} largest are shown` : "";
      count.textContent = words.length ? `${groups.length} found${rest}` : "";
      findScrollers();
    });
  }

  const read = (cell) =>
    ["x", "y", "width", "height"].map((name) => parseFloat(cell.getAttribute(name)));
  const inside = (a, b) =>
    a[0] >= b[0] - 0.02 && a[1] >= b[1] - 0.02 && a[0] + a[2] <= b[0] + b[2] + 0.02 && a[1] + a[3] <= b[1] + b[3] + 0.02;

  // Leaves out what has no room: the size first, then the end of a name. A number is never cut; titles have everything.
  function fit(text, room) {
    const size = text.querySelector("tspan");
    const name = text.firstChild;
    text.dataset.name ??= name.data;
    const letters = [...text.dataset.name];
    name.data = text.dataset.name;
    size?.removeAttribute("display");
    const isWide = () => text.getComputedTextLength() > room;
    if (size && isWide()) size.setAttribute("display", "none");
    let count = text.classList.contains("size") ? 0 : Math.floor((letters.length * room) / text.getComputedTextLength());
    while (isWide() && count-- > 3) name.data = `${letters.slice(0, count).join("").trimEnd()}…`;
    text.setAttribute("visibility", isWide() ? "hidden" : "inherit");
  }

  function fitAll(element, width, height) {
    for (const text of element.querySelectorAll("text"))
      if (width >= 34 && height >= (text.classList.contains("size") ? 29 : 15)) fit(text, width - 8);
      else text.setAttribute("visibility", "hidden");
  }

  function enlarge(map) {
    const cells = [...map.querySelectorAll("svg")].map((element) => ({ element, at: read(element) }));
    const groups = cells.filter((cell) => cell.element.classList.contains("group"));
    if (!groups.length) {
      const fitCells = () => {
        const box = map.getBoundingClientRect();
        for (const { element, at } of cells) fitAll(element, (at[2] * box.width) / 100, (at[3] * box.height) / 100);
      };
      addEventListener("resize", fitCells);
      fitCells();
      return;
    }
    const whole = { at: [0, 0, 100, 100] };
    for (const cell of cells) {
      cell.title = cell.element.querySelector("title").textContent;
      // The smallest group around it: groups come before what is in them.
      cell.parent = groups.findLast((group) => group !== cell && group.at[2] * group.at[3] > cell.at[2] * cell.at[3] &&
        inside(cell.at, group.at)) ?? whole;
    }
    const trail = make("div");
    trail.className = "trail";
    map.after(trail);
    const path = [whole];

    const view = (group) => {
      if (group === whole) return whole.at;
      const below = cells.filter((cell) => cell.parent === group).map((cell) => cell.at);
      const left = Math.min(...below.map((at) => at[0]));
      const top = Math.min(...below.map((at) => at[1]));
      return [left, top, Math.max(...below.map((at) => at[0] + at[2])) - left, Math.max(...below.map((at) => at[1] + at[3])) - top];
    };

    const label = (cell, width, height) => {
      const hasRoom = width >= 34 && height >= 15;
      if (hasRoom && !cell.element.querySelector("text")) {
        const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
        text.textContent = cell.title;
        cell.element.append(text);
      }
      fitAll(cell.element, width, height);
    };

    const show = (focus) => {
      const current = path[path.length - 1];
      const [left, top, width, height] = view(current);
      const box = map.getBoundingClientRect();
      for (const cell of cells) {
        const at = [(100 * (cell.at[0] - left)) / width, (100 * (cell.at[1] - top)) / height, (100 * cell.at[2]) / width, (100 * cell.at[3]) / height];
        ["x", "y", "width", "height"].forEach((name, index) => cell.element.setAttribute(name, `${at[index].toFixed(3)}%`));
        const outside = at[0] >= 99.99 || at[1] >= 99.99 || at[0] + at[2] <= 0.01 || at[1] + at[3] <= 0.01;
        cell.element.setAttribute("visibility", outside ? "hidden" : "visible");
        if (!outside) label(cell, (at[2] * box.width) / 100, (at[3] * box.height) / 100);
        const choosable = cell.parent === current && groups.includes(cell);
        for (const [name, value] of [["tabindex", "0"], ["role", "button"], ["aria-label", cell.title]])
          if (choosable) cell.element.setAttribute(name, value);
          else cell.element.removeAttribute(name);
      }
      trail.replaceChildren(...path.map((group, index) => {
        const isLast = index === path.length - 1;
        if (isLast) return make("span", group === whole ? "Choose a part to enlarge it." : group.title);
        const button = make("button", group === whole ? "← All" : group.title);
        button.type = "button";
        button.addEventListener("click", () => { path.length = index + 1; show(true); });
        return button;
      }));
      if (focus) (cells.find((cell) => cell.element.hasAttribute("tabindex"))?.element ?? trail.querySelector("button"))?.focus();
    };

    const choose = (cell, focus) => { path.push(cell); show(focus); };
    map.addEventListener("click", (event) => {
      let cell = cells.find((other) => other.element === event.target.closest("svg.group"));
      while (cell && cell.parent !== path[path.length - 1]) cell = groups.includes(cell.parent) ? cell.parent : undefined;
      if (cell) choose(cell, false);
    });
    map.addEventListener("keydown", (event) => {
      const cell = cells.find((other) => other.element === event.target);
      if (cell && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        choose(cell, true);
      }
    });
    map.parentElement.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && path.length > 1) { path.pop(); show(true); }
    });
    addEventListener("resize", () => show(false));
    show(false);
  }

  // Those in closed details are prepared when they are opened.
  const prepare = (map) => {
    if (map.dataset.ready) return;
    map.dataset.ready = "yes";
    enlarge(map);
  };
  for (const map of document.querySelectorAll(".map")) if (!map.closest("details:not([open])")) prepare(map);
  for (const details of document.querySelectorAll("details.image"))
    details.addEventListener("toggle", () => { if (details.open) details.querySelectorAll(".map").forEach(prepare); });

  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();

  // Whoever has no pointer scrolls a wide table by its keys, once it has the focus.
  const findScrollers = () => {
    for (const box of document.querySelectorAll(".scroll"))
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
  };
  addEventListener("resize", findScrollers);
  document.addEventListener("toggle", findScrollers, true);
  findScrollers();

  const files = document.getElementById("files");
  if (files) searchFiles(JSON.parse(files.textContent), document.getElementById("file-search"), document.getElementById("file-count"));

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
})();
