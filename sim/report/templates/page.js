// What a page does beyond being read: it tells the day under the pointer, sorts tables, and prints
// what is folded. Without it nothing is missing.
"use strict";
(() => {
  const DAY = 86400000;

  function told(figure) {
    const data = JSON.parse(figure.dataset.followed), names = Object.keys(data.lines);
    const points = data.lines[names[0]].length, signed = names.some((n) => data.lines[n].some((v) => v < 0));
    const box = document.createElement("p"), line = document.createElement("i");
    box.className = "told"; line.className = "follow"; box.hidden = line.hidden = true;
    box.setAttribute("role", "status");
    figure.append(box, line);
    figure.tabIndex = 0;
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", "Figure: the arrow keys tell the shares of a day");
    const slack = Math.max(1, (data.last - data.first) / 120);  // days from a mark at which it is named
    let at = points - 1;

    const place = () => [...figure.querySelectorAll('[id$="-followed"] path')]
      .map((path) => path.getBoundingClientRect()).find((r) => r.width > 0);

    function say(index) {
      const where = place();
      if (!where) return;
      at = Math.max(0, Math.min(points - 1, index));
      const share = points > 1 ? at / (points - 1) : 0, own = figure.getBoundingClientRect();
      const day = new Date((data.first + share * (data.last - data.first)) * DAY - 1);
      const when = day.toLocaleDateString("en-GB", {day: "numeric", month: "short", year: "numeric", timeZone: "UTC"});
      const parts = names.map((n) => [n, data.lines[n][at]]).filter(([, v]) => v !== null)
        .map(([n, v]) => `${n} ${signed && v > 0 ? "+" : ""}${(100 * v).toFixed(Math.abs(v) < 0.1 ? 1 : 0)}\u00a0${signed ? "points" : "%"}`);
      const near = (data.marks || []).filter(([d]) => Math.abs(d - data.first - share * (data.last - data.first)) < slack);
      box.textContent = `${when}: ${parts.join(", ")}${near.map(([, n]) => ` · ${n}`).join("")}`;
      box.hidden = line.hidden = false;
      const x = where.left - own.left + share * where.width;
      line.style.left = `${x}px`;
      line.style.top = `${where.top - own.top}px`;
      line.style.height = `${where.height}px`;
      const room = own.width - box.offsetWidth;
      box.style.left = `${Math.max(0, Math.min(room, x - box.offsetWidth / 2))}px`;
      box.style.top = `${Math.max(0, where.top - own.top - box.offsetHeight - 2)}px`;
    }
    const hide = () => { box.hidden = line.hidden = true; };

    function pointed(event) {
      const where = place();
      if (!where || event.clientY < where.top - 30 || event.clientY > where.bottom + 30) return hide();
      say(Math.round((event.clientX - where.left) / where.width * (points - 1)));
    }
    figure.addEventListener("pointermove", pointed);
    figure.addEventListener("pointerdown", pointed);
    figure.addEventListener("pointerleave", hide);
    figure.addEventListener("blur", hide);
    figure.addEventListener("keydown", (event) => {
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30}[event.key];
      if (step) { event.preventDefault(); say(at + step); } else if (event.key === "Escape") hide();
    });
  }

  function number(text) {
    const few = text.match(/^\s*([<>]) [\d,]+ in [\d,]+/);  // none, or all, of so many worlds
    if (few) return few[1] === "<" ? 0 : 100;
    const found = text.replace(/\u2212/g, "-").replace(/,/g, "").match(/[-+]?\d+(\.\d+)?/);
    return found ? Number(found[0]) : null;
  }

  function sortable(table) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    if (body.rows.length < 3) return;
    heads.forEach((head, column) => {
      if (!head.textContent.trim() || head.hasAttribute("aria-hidden")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending", signs = head.classList.contains("number");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const value = (row) => {
          const text = row.cells[column].textContent.trim();
          return signs ? number(text) : text;
        };
        const rows = [...body.rows].map((row, n) => [value(row), n, row]);
        const last = (v) => v === null || v === "";
        rows.sort(([a, m], [b, n]) => {
          if (last(a) || last(b)) return last(a) - last(b) || m - n;
          const by = signs ? a - b : a.localeCompare(b, "en");
          return (up ? by : -by) || m - n;
        });
        body.append(...rows.map(([, , row]) => row));
      });
    });
  }

  document.querySelectorAll("figure[data-followed]").forEach(told);
  document.querySelectorAll("table:not(.square)").forEach(sortable);

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open]):not(.screen)")];
    opened.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
})();
