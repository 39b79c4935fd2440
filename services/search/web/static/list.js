// The buttons of the reading list on cards. A reader who is signed in has them without script too.
(() => {
  "use strict";
  const SWITCHES = [["save", "Save", "saved"], ["like", "Like", "liked"], ["read", "Mark read", "read"], ["hide", "Hide", "hidden"]];
  const NOT_THIS = ["dislike", "Not this", "disliked"]; // on cards that say why they are recommended
  const LONG = 240, LINES = 3; // a longer note is cut off until it is opened
  const jot = document.getElementById("jot"), jotForm = jot?.querySelector("form"), jotText = document.getElementById("jot-text");
  const news = document.createElement("p");

  const paperOf = (card) => ({ id: card.dataset.paper, title: card.querySelector("h1, h3").textContent.trim() });

  function make(name, attributes, text) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  }

  const button = (value, text) => make("button", { type: "button", class: "plain", name: "act", value }, text);
  const switches = (card) => (card.querySelector(".why") ? [...SWITCHES, NOT_THIS] : SWITCHES);
  const switchOf = (card, act) => card.querySelector(`.acts button:is([value="${act}"], [value="un${act}"])`);

  function equip(card) {
    const acts = card.querySelector(".acts");
    if (!acts || readingList.signedIn) return;
    acts.append(...switches(card).map(([act, text]) => button(act, text)));
    const jots = [["tag", "Tags"], ["note", "Note"]].map(([kind, text]) => make("button", { type: "button", class: "plain", "data-edit": kind }, text));
    (card.querySelector("details .acts") || acts).append(...jots);
    paint(card, readingList.mark(card.dataset.paper));
  }

  function paint(card, mark) {
    const { title } = paperOf(card);
    for (const [act, text, state] of switches(card)) {
      const one = switchOf(card, act);
      one.value = mark[state] ? `un${act}` : act;
      one.setAttribute("aria-pressed", String(mark[state]));
      one.setAttribute("aria-label", `${text}: ${title}`);
    }
    card.jots = mark;
    write(card, mark);
    if (card.matches(".paper")) putAway(card, mark.hidden, title);
  }

  function write(card, mark) {
    for (const each of card.querySelectorAll(".jotted, .unclamp")) each.remove();
    if (!mark.tags.length && !mark.note) return;
    const line = make("p", { class: "jotted" }, "");
    line.append(...mark.tags.flatMap((tag) => [make("span", { class: "tag" }, tag), " "]), mark.note);
    card.querySelector(".about").before(line);
    if (mark.note.length <= LONG && mark.note.split("\n").length <= LINES) return;
    line.classList.add("long");
    const whole = make("details", { class: "unclamp" }, "");
    whole.append(make("summary", {}, "Whole note"));
    line.after(whole);
  }

  function putAway(card, hidden, title) {
    card.querySelector(".undo")?.remove();
    card.classList.toggle("put-away", hidden);
    if (!hidden) return;
    const line = make("p", { class: "undo" }, ""), text = make("span", {}, "Hidden: "), undo = button("unhide", "Undo");
    text.append(make("a", { href: card.querySelector("h3 a").href }, title));
    undo.setAttribute("aria-label", `Undo hiding ${title}`);
    line.append(text, " ", undo);
    card.prepend(line);
  }

  async function change(card, act, value) {
    try {
      paint(card, await readingList.change(paperOf(card), act, value));
      if (act === "hide") card.querySelector(".undo button")?.focus();
      if (act === "unhide") card.querySelector("h3 a, h1").focus();
      news.textContent = "";
    } catch (error) {
      news.textContent = error.message;
    }
  }

  function textsOf(card) {
    const line = card.querySelector(".jotted");
    const note = [...(line?.childNodes || [])].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();
    return card.jots || { tags: [...(line?.querySelectorAll(".tag") || [])].map((tag) => tag.textContent), note };
  }

  function edit(card, kind) {
    const texts = textsOf(card);
    document.getElementById("jot-label").textContent = kind === "tag" ? "Tags, separated by commas" : "Note";
    jotText.value = kind === "tag" ? texts.tags.join(", ") : texts.note;
    // Not when it is closed, which is told later: the next key may have opened it again by then.
    jotForm.onsubmit = (event) => { if (event.submitter?.value) change(card, kind, jotText.value); };
    jot.showModal();
    jotText.select();
  }

  document.addEventListener("click", (event) => {
    const act = event.target.closest("button[name=act]"), texts = event.target.closest("[data-edit]");
    const card = (act || texts)?.closest("[data-paper]");
    if (!card || (act && act.form?.matches(".texts *"))) return;
    event.preventDefault();
    if (act) change(card, act.value);
    else edit(card, texts.dataset.edit);
  });

  jotText.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) jotForm.requestSubmit(jotForm.querySelector("[value=keep]"));
  });

  // Keys act on the paper that has the focus, or on that of the page.
  window.mark = (act) => {
    const card = document.activeElement?.closest("[data-paper]") || document.querySelector("article.whole[data-paper]");
    if (card && (act === "tag" || act === "note")) edit(card, act);
    else if (card) switchOf(card, act)?.click();
  };

  function tellNew(cards) {
    const since = readingList.lastVisit();
    if (!since || readingList.signedIn) return;
    for (const card of cards) {
      if (Date.parse(card.dataset.seen) > since) card.querySelector(".about p").prepend(make("span", { class: "new", title: "New since your last visit" }, "New"));
    }
  }

  // What this browser kept before its reader signed in.
  function offer() {
    const count = Object.keys(readingList.rows()).length;
    if (!readingList.signedIn || !count) return;
    const line = make("p", { class: "note", role: "status" }, `This browser keeps ${count} ${count === 1 ? "paper" : "papers"} from before you signed in. `);
    const move = make("button", { type: "button", class: "plain" }, "Add to my reading list"), drop = make("button", { type: "button", class: "plain" }, "Delete here");
    move.addEventListener("click", async () => {
      move.disabled = true;
      line.textContent = await readingList.move().then(({ moved, stayed }) => `${moved} added to your reading list.${stayed ? ` ${stayed} not in the index stay in this browser.` : ""}`, (error) => error.message);
    });
    drop.addEventListener("click", () => { readingList.clear(); line.remove(); });
    line.append(move, " ", drop);
    document.getElementById("main").prepend(line);
  }

  // What another tab changed, or this one after its reader went on and came back.
  function repaint() {
    if (readingList.signedIn) return;
    for (const card of document.querySelectorAll("[data-paper]:has(.acts [name=act])")) paint(card, readingList.mark(card.dataset.paper));
  }

  // Where recommendations need no reading list on the server: the marks of this browser are in the address.
  function point() {
    if (readingList.signedIn) return;
    const likes = readingList.likes();
    for (const link of document.querySelectorAll("[data-own-likes]")) if (link.search.slice(1) !== likes) link.search = likes;
    for (const each of document.querySelectorAll("[data-no-likes]")) each.hidden = Boolean(likes);
    for (const each of document.querySelectorAll("[data-some-likes]")) each.hidden = !likes;
  }

  news.className = "toast";
  news.setAttribute("role", "alert"); // read out although it appears together with its text
  document.getElementById("main").after(news);
  const cards = [...document.querySelectorAll("[data-paper]")];
  cards.forEach(equip);
  tellNew(cards);
  offer();
  point();
  document.addEventListener("marks", point);
  addEventListener("storage", repaint);
  addEventListener("pageshow", (event) => {
    if (event.persisted && readingList.signedIn) location.reload();
    else if (event.persisted) repaint();
  });
  document.addEventListener("papers", (event) => {
    event.detail.forEach(equip);
    tellNew(event.detail);
  });
})();
