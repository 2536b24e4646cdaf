"use strict";
// Keeps a page up to date: the server says what changed, and the changed part is fetched. Without
// this script every form still works, and a reload shows the present state.
(() => {
  const main = document.getElementById("main");
  const page = main.dataset.page;
  let ahead = 0; // milliseconds by which the server's clock is ahead of this one
  let source = null;
  let fetching = false;
  let wanted = null;
  let edited = false; // an answer that is changed and not stored

  const mark = () => main.firstElementChild && main.firstElementChild.dataset.mark;

  // Says one thing at a time: a number out of range, then what is missing, then that all is well.
  function addUp() {
    for (const set of document.querySelectorAll("fieldset[data-sum]")) {
      const out = set.querySelector("[data-total]");
      const inputs = [...set.querySelectorAll("input[type=number]")];
      const typed = inputs.filter((input) => input.value !== "" || input.validity.badInput);
      const strange = typed.filter((input) => !/^[1-9][0-9]?$/.test(input.value));
      for (const input of inputs) input.setCustomValidity(strange.includes(input) ? set.dataset.range : "");
      const sum = typed.reduce((all, input) => all + (Number(input.value) || 0), 0);
      const several = inputs.length > 1;
      let words = several || !typed.length ? set.dataset.less : set.dataset.fits;
      if (strange.length) words = set.dataset.range;
      else if (several && sum === 100) words = set.dataset.fits;
      else if (several && sum > 100) words = set.dataset.more;
      if (words === undefined) continue; // nothing is typed where the rest goes to the other answer
      const text = words.replace("#", Math.abs(100 - sum));
      if (out.textContent !== text) out.textContent = text;
      out.className = strange.length || (several && sum !== 100 && typed.length) ? "sum off" : several && typed.length ? "sum fits" : "sum";
    }
  }

  // The buttons beside a number; keys do the same.
  function stepped(button) {
    const input = button.parentElement.querySelector("input");
    input.value = Math.min(99, Math.max(1, (Number(input.value) || 0) + Number(button.dataset.by)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The two largest units of a time of days, as the server says it too.
  function inWords(seconds, words) {
    const minutes = Math.floor(seconds / 60);
    const sizes = [["days", Math.floor(minutes / 1440)], ["hours", Math.floor(minutes / 60) % 24], ["minutes", minutes % 60]];
    const first = sizes.findIndex(([, size]) => size > 0);
    if (first < 0) return words.soon;
    const shown = sizes.slice(first, first + 2).filter(([, size]) => size > 0);
    return shown.map(([unit, size]) => words[unit].split("|")[size === 1 ? 0 : 1].replace("#", size)).join(" ");
  }

  function tick() {
    for (const clock of document.querySelectorAll("[data-deadline]")) {
      const left = Math.max(0, Math.ceil((Number(clock.dataset.deadline) - Date.now() - ahead) / 1000));
      const text = clock.dataset.days ? inWords(left, clock.dataset) : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      const out = clock.querySelector("[data-left]");
      if (out.textContent !== text) out.textContent = text;
      clock.classList.toggle("soon", left <= (clock.dataset.days ? 3600 : 30));
    }
    for (const note of document.querySelectorAll("[data-asked]")) { // a question without a limit
      const waited = Date.now() + ahead - Number(note.dataset.asked);
      const late = waited >= Number(note.dataset.after);
      const out = note.querySelector("[data-waited]");
      const text = String(Math.max(0, Math.floor(waited / 60000)));
      if (out.textContent !== text) out.textContent = text;
      if (late && note.hidden) document.getElementById("said").textContent = note.textContent;
      if (note.hidden === late) note.hidden = !late;
    }
  }

  const place = () => (mark() || "").split("/")[0];

  // In the same step what is typed, opened and pressed stays; another step is another page.
  function show(text) {
    const before = place();
    const fresh = document.createRange().createContextualFragment(text.trim());
    if (fresh.firstElementChild.dataset.mark.split("/")[0] === before) {
      patch.into(main, fresh);
      if (edited) notStored();
      return;
    }
    const active = main.contains(document.activeElement) ? document.activeElement.id : "";
    main.replaceChildren(fresh);
    edited = false;
    const again = active && document.getElementById(active);
    if (again) again.focus({ preventScroll: true });
  }

  function notStored() {
    const stored = main.querySelector(".stored");
    if (!stored) return;
    stored.className = "problem";
    stored.textContent = main.dataset.unstored;
  }

  async function renew() {
    if (fetching) return;
    fetching = true;
    try {
      while (wanted !== mark()) {
        const sought = wanted;
        const answer = await fetch(`/${page}/part`, { credentials: "same-origin" });
        if (answer.status === 403) { leave(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const heading = main.querySelector("h1") ? main.querySelector("h1").textContent : "";
        const text = await answer.text();
        await patch.released();
        show(text);
        addUp();
        tick();
        document.dispatchEvent(new Event("renewed"));
        const now = main.querySelector("h1") ? main.querySelector("h1").textContent : "";
        if (now !== heading) {
          document.getElementById("said").textContent = now;
          if (page === "room") window.scrollTo(0, 0);
        }
        if (mark() !== sought && wanted === sought) { // it has gone on; a message most often says so
          setTimeout(renew, 1000);
          break;
        }
      }
    } catch (_) {
      setTimeout(() => { fetching = false; renew(); }, 1000);
      return;
    }
    fetching = false;
  }

  function heard(message) {
    heardAt = Date.now();
    const told = JSON.parse(message.data);
    ahead = told.now_ms - Date.now();
    for (const name of ["joined", "answered"]) {
      for (const out of document.querySelectorAll(`[data-live=${name}]`)) {
        if (out.textContent !== String(told[name])) out.textContent = told[name];
      }
    }
    for (const clock of document.querySelectorAll("[data-deadline]:not([data-own])")) {
      if (told.deadline_ms !== null) clock.dataset.deadline = told.deadline_ms;
    }
    document.dispatchEvent(new CustomEvent("told", { detail: told }));
    wanted = told.mark;
    if (wanted !== mark()) renew();
  }

  // A network that is gone often says nothing: then the server's sign of life is missed instead.
  const SILENCE_MS = 16000;
  let heardAt = 0;

  const offline = document.getElementById("offline");

  function listen() {
    if (source || !page) return;
    source = new EventSource(`/events?page=${page}`);
    heardAt = Date.now();
    source.onmessage = (message) => { alive(); heard(message); };
    source.addEventListener("alive", alive);
    source.onerror = () => {
      offline.hidden = false;
      if (source && source.readyState === EventSource.CLOSED) { // the server said no: ask again later
        hangUp();
        fetch(`/${page}/part`, { method: "HEAD", credentials: "same-origin" })
          .then((answer) => { if (answer.status === 403) leave(); else setTimeout(listen, 2000); })
          .catch(() => setTimeout(listen, 2000));
      }
    };
  }

  // The seat is gone: the teacher has removed it.
  function leave() {
    location.href = page === "teacher" ? "/teacher" : "/";
  }

  function alive() {
    heardAt = Date.now();
    offline.hidden = true;
  }

  function hangUp() {
    if (source) source.close();
    source = null;
  }

  setInterval(() => {
    if (source && Date.now() - heardAt > SILENCE_MS) {
      offline.hidden = false;
      hangUp();
      listen();
    }
  }, 2000);
  window.addEventListener("offline", () => { offline.hidden = false; hangUp(); listen(); }); // this computer's own room may still be there
  window.addEventListener("online", () => { hangUp(); listen(); });

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") listen();
    else if (page === "room" || page === "what-if") hangUp(); // a browser allows six connections in all
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.step");
    if (button) stepped(button);
  });
  document.addEventListener("input", (event) => {
    addUp();
    if (!event.target.closest("form#vote")) return;
    edited = true;
    notStored();
  });
  // What came of a form stands on the new page from the start: a screen reader says it only if told.
  const news = main.querySelector(".problem, .stored");
  if (news) setTimeout(() => { document.getElementById("said").textContent = news.textContent; }, 300);
  document.documentElement.classList.add("scripted");
  addUp();
  tick();
  setInterval(tick, 500);
  listen();
})();
