"use strict";
// Changes a part of a page in place. What may be under a finger or hold the focus stays the same
// element: a press whose element is replaced before it ends is no click.
const patch = (() => {
  const LONGEST_MS = 5000; // after so long a press that is not seen to end is over
  const AFTER_MS = 100; // a touch becomes a click a little after the finger has gone
  const NAMED_BY_PARTS = ["FORM", "LI", "P", "TR"];
  let heldUntil = 0;

  const hold = (ms) => { heldUntil = Date.now() + ms; };
  window.addEventListener("pointerdown", () => hold(LONGEST_MS), true);
  window.addEventListener("keydown", (event) => { if (event.key === " ") hold(LONGEST_MS); }, true);
  for (const name of ["pointerup", "pointercancel", "keyup"]) {
    window.addEventListener(name, () => { if (heldUntil > Date.now()) hold(AFTER_MS); }, true);
  }

  // Wait until nothing is pressed.
  async function released() {
    while (Date.now() < heldUntil) await new Promise((go) => setTimeout(go, 20));
  }

  // What has another key is another thing: no button becomes that of another student.
  function key(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
    const part = NAMED_BY_PARTS.includes(node.tagName) ? node.querySelector("[id]") : null;
    const name = node.id || (part ? part.id : node.tagName === "OPTION" ? node.value : "");
    return `${node.tagName} ${name}`;
  }

  function attributes(old, fresh) {
    const own = old.matches("details") ? ["open"] : old.matches("input:not([type=hidden])") ? ["value"] : [];
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !own.includes(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !own.includes(name)) old.setAttribute(name, value);
    }
  }

  function node(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
    attributes(old, fresh);
    if (old.tagName === "TEXTAREA") return; // what is typed stays
    const untouched = old.tagName === "SELECT" && old.selectedIndex === first(old);
    into(old, fresh);
    if (untouched) old.selectedIndex = first(old);
  }

  const first = (select) => Math.max(0, [...select.options].findIndex((o) => o.defaultSelected));

  // Give an element the content of another, or of a fragment.
  function into(old, fresh) {
    const there = new Map();
    for (const child of old.childNodes) there.set(key(child), [...(there.get(key(child)) || []), child]);
    const wanted = [...fresh.childNodes].map((next) => [next, (there.get(key(next)) || []).shift()]);
    for (const left of [...there.values()].flat()) left.remove();
    let at = old.firstChild;
    for (const [next, same] of wanted) {
      if (same && same === at) at = at.nextSibling;
      else old.insertBefore(same || next, at);
      if (same) node(same, next);
    }
  }

  return { into, released };
})();
