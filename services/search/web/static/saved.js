// The list that this browser keeps, by state, with its export and its deletion.
(() => {
  "use strict";
  const STATES = [
    ["Saved", (row) => row.saved_at], ["Unread", (row) => row.saved_at && !row.read_at], ["Read", (row) => row.read_at],
    ["Liked", (row) => row.liked_at], ["Hidden", (row) => row.hidden_at], ["All", () => true],
  ];
  const EMPTY = "There are no papers here. “Save” on a paper, or the key s, adds one.";
  const list = document.getElementById("kept"), bar = document.getElementById("kept-states");
  const whole = document.getElementById("kept-whole"), link = document.getElementById("kept-export");
  let shown = 0;

  const rows = () => Object.values(readingList.rows()).sort((one, other) => (one.added_at < other.added_at ? 1 : -1));

  function make(name, text, ...children) {
    const element = document.createElement(name);
    element.append(text, ...children);
    return element;
  }

  function card(row) {
    const title = make("a", row.title || row.id), about = make("div", "", make("p", make("span", `added ${row.added_at.slice(0, 10)}`)));
    title.href = paperPath(row.id);
    const acts = make("div", "");
    [about.className, acts.className] = ["about", "acts"];
    about.append(acts);
    const article = make("article", make("h3", title), about);
    article.className = "paper";
    article.dataset.paper = row.id;
    return article;
  }

  // What is shown stays while its marks change, so that a mark can be taken back; counts and export follow.
  function tally() {
    const all = rows();
    bar.replaceChildren(...STATES.map(([name, holds], at) => {
      const button = make("button", `${name} ${all.filter(holds).length}`);
      button.type = "button";
      button.setAttribute("aria-pressed", String(at === shown));
      button.addEventListener("click", () => { shown = at; show(); bar.children[at].focus(); });
      return button;
    }));
    whole.hidden = !all.length;
    bar.hidden = false;
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ rows: all }, null, 2)], { type: "application/json" }));
  }

  function show() {
    const cards = rows().filter(STATES[shown][1]).map(card);
    list.replaceChildren(...(cards.length ? cards : [Object.assign(make("p", EMPTY), { className: "empty" })]));
    tally();
    document.dispatchEvent(new CustomEvent("papers", { detail: cards }));
  }

  document.getElementById("kept-clear").addEventListener("submit", (event) => {
    event.preventDefault();
    readingList.clear();
    event.target.reset();
    show();
  });
  document.addEventListener("marks", tally);
  addEventListener("storage", show);
  document.addEventListener("DOMContentLoaded", show); // when the cards can be given their buttons
})();
