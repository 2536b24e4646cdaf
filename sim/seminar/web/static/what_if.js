"use strict";
// Moves the sliders of the what-ifs, and shows what is drawn of them. Without this script the forms
// work, and a reload shows what is drawn.
(() => {
  const main = document.getElementById("main");
  const EVERY_MS = 100;
  let newest = null; // what the server told last
  let held = null; // the slider under somebody's finger
  let waiting = {}; // moves that are not sent yet, by slider
  let sending = false;
  let sentAt = 0;
  let timer = null;

  function stepped(slider) {
    const shipped = Number(slider.dataset.shipped);
    const step = Number(slider.dataset.step);
    return Number((shipped + Math.round((Number(slider.value) - shipped) / step) * step).toPrecision(6));
  }

  function label(slider) {
    const value = stepped(slider);
    const text = "shift" in slider.dataset && value > 0 ? `+${value}` : String(value);
    const words = text.replace("-", "−").replace(".", main.dataset.decimal);
    const out = slider.parentElement.querySelector("output");
    if (out.textContent !== words) out.textContent = words;
    slider.setAttribute("aria-valuetext", words);
  }

  function problem(words) {
    const out = document.getElementById("problem");
    if (!out) return;
    out.textContent = words;
    out.hidden = !words;
  }

  async function post(path, fields) {
    const body = new URLSearchParams({ ...fields, live: "1" });
    const answer = await fetch(path, { method: "POST", body, credentials: "same-origin" });
    const json = (answer.headers.get("content-type") || "").includes("json");
    problem(json ? (await answer.json()).problem : answer.ok ? "" : main.dataset.refused);
    return answer.ok;
  }

  // At most one request is under way, and one every tenth of a second; the newest value counts.
  async function send() {
    timer = null;
    if (sending || !Object.keys(waiting).length) return;
    sending = true;
    sentAt = Date.now();
    const fields = waiting;
    waiting = {};
    try {
      if (!(await post("/what-if/slide", fields))) setTimeout(settle, 300);
    } catch (_) {
      problem(main.dataset.unsent);
    }
    sending = false;
    plan();
  }

  function plan() {
    if (timer === null && !sending && Object.keys(waiting).length) {
      timer = setTimeout(send, Math.max(0, EVERY_MS - (Date.now() - sentAt)));
    }
  }

  // Put every slider where the server says, but for one that somebody holds.
  function settle() {
    for (const slider of main.querySelectorAll("#sliders input[type=range]")) {
      const value = newest && newest.values[Number(slider.name.slice(1))];
      const busy = slider === held || slider.name in waiting || sending;
      if (typeof value === "number" && !busy && Number(slider.value) !== value) slider.value = value;
      label(slider);
    }
  }

  function show(id, html) {
    const place = document.getElementById(id);
    if (place) patch.into(place, document.createRange().createContextualFragment(html));
  }

  function drawn() {
    if (!newest || !("values" in newest)) return;
    const refining = document.querySelector("#drawn-chart .status");
    const before = refining ? refining.textContent : "";
    if ("chart" in newest) show("drawn-chart", newest.chart);
    if ("table" in newest) show("drawn-table", newest.table);
    const finding = document.getElementById("finding");
    if (finding && finding.textContent !== newest.finding) finding.textContent = newest.finding;
    const now = document.querySelector("#drawn-chart .status");
    if (now && before !== now.textContent && "drawn" in now.dataset) {
      document.getElementById("said").textContent = now.textContent;
    }
    settle();
  }

  // Of the form of insertions only what the chosen kind asks is shown.
  function asked() {
    const kind = document.getElementById("kind");
    if (!kind) return;
    for (const line of document.querySelectorAll("[data-kinds]")) {
      line.hidden = !line.dataset.kinds.split(" ").includes(kind.value);
    }
  }

  document.addEventListener("told", (event) => { newest = event.detail; drawn(); });
  document.addEventListener("renewed", () => { drawn(); asked(); });
  document.addEventListener("input", (event) => {
    const slider = event.target;
    if (slider.type !== "range") return;
    held = slider;
    label(slider);
    waiting[slider.name] = String(stepped(slider));
    plan();
  });
  document.addEventListener("change", (event) => {
    if (event.target === held) held = null;
    if (event.target.id === "kind") asked();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("live" in form.dataset)) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    // A name that is sent is gone before a new part of the page comes, and back where it is refused.
    const named = (value) => { const field = document.getElementById("name"); if (field && "name" in fields) field.value = value; };
    named("");
    try {
      if (await post(form.getAttribute("action"), fields)) return;
      named(fields.name);
      document.getElementById("problem").scrollIntoView({ block: "nearest" });
    } catch (_) {
      named(fields.name);
      problem(main.dataset.unsent);
    }
  });
  document.documentElement.classList.add("scripted");
  settle();
  asked();
})();
