// Shortcuts, copying, and fresh figures: every page reads and searches without them.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const cards = () => [...document.querySelectorAll("article.paper")];
const more = () => document.querySelector(".more a[rel=next]")?.click();
// The paper that the reader is at: the one that holds the focus.
const chosen = () => document.activeElement?.closest("article.paper");

function go(step) {
  const all = cards(), at = all.indexOf(chosen());
  const open = all.filter((card, n) => !card.matches(".put-away") && (step > 0 ? n > at : n < at));
  const next = step > 0 ? open[0] : open.at(-1);
  if (!next && step > 0) return more();
  next?.querySelector("h3 a").focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => { const box = document.getElementById("q"); box.focus(); box.select(); },
  "?": () => document.getElementById("help").showModal(),
  j: () => go(1),
  k: () => go(-1),
  o: () => chosen()?.querySelector("h3 a").click(),
  a: () => chosen()?.querySelector(".about summary")?.click(),
  m: more,
  s: () => window.mark("save"),
  l: () => window.mark("like"),
  r: () => window.mark("read"),
  h: () => window.mark("hide"),
  t: () => window.mark("tag"),
  n: () => window.mark("note"),
};

document.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.repeat && !"jk".includes(event.key)) return; // a key that is held down would mark and unmark
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act();
});

for (const button of document.querySelectorAll("[data-help]")) {
  button.hidden = false;
  button.addEventListener("click", keys["?"]);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue; // only over HTTPS and on this machine; the text can be selected anyway
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// While the sheet is open, the focus stays in it.
const sheet = document.getElementById("beside");
sheet?.addEventListener("toggle", (event) => {
  if (event.target !== sheet) return;
  for (const each of document.querySelectorAll("header, footer, .skip, .controls, section.list")) each.inert = event.newState === "open";
  if (event.newState === "open") sheet.querySelector("button").focus();
  else document.querySelector("[popovertarget=beside]").focus();
});

// A wider window shows what the sheet holds in a column: nothing is open then.
matchMedia("(min-width: 56.01rem)").addEventListener("change", () => {
  if (sheet?.popover && sheet.matches(":popover-open")) sheet.hidePopover();
});

// Brings what is shown in step with what is fresh, and leaves alone what is the same: focus, selection and places stay.
function renew(shown, fresh) {
  if (shown.isEqualNode(fresh)) return;
  if (shown.nodeName !== fresh.nodeName) return shown.replaceWith(fresh);
  if (shown.nodeType !== Node.ELEMENT_NODE) { shown.data = fresh.data; return; }
  for (const { name } of [...shown.attributes]) if (!fresh.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  const [before, after] = [[...shown.childNodes], [...fresh.childNodes]];
  before.slice(after.length).forEach((node) => node.remove());
  after.forEach((node, at) => (before[at] ? renew(before[at], node) : shown.append(node)));
}

// A page of figures is fetched again while it is visible, by one request at a time: a late answer is older than it looks.
const main = document.querySelector("main[data-refresh]");
if (main) {
  let asking = false;
  setInterval(async () => {
    if (asking || document.hidden || document.querySelector("dialog[open]")) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(30_000) });
      const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      if (fresh) renew(main, fresh);
    } catch {
      // The next one may succeed: the figures say of when they are.
    } finally {
      asking = false;
    }
  }, main.dataset.refresh * 1000);
}
