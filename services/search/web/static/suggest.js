// Suggestions below the search box: operators, and the titles and authors of recent papers.
(() => {
  "use strict";
  const box = document.getElementById("q");
  const list = document.getElementById("suggestions");
  const WAIT_MS = 120, FEWEST = 2, MOST = 200;
  let timer = 0, asked = "";

  function show(rows) {
    list.replaceChildren(...rows.map((row) => {
      const option = document.createElement("option");
      option.value = row.query;
      if (row.query !== row.text) option.label = row.text;
      return option;
    }));
  }

  async function ask() {
    const typed = box.value.replace(/[\p{Cc}\p{Cs}\ufffd]/gu, " ").trim(); // what no title has, and the server refuses
    if (typed === asked) return;
    asked = typed;
    if (typed.length < FEWEST || typed.length > MOST) return show([]);
    const answer = await fetch(`${box.dataset.suggest}?${new URLSearchParams({ q: typed })}`).catch(() => null);
    if (answer?.ok && typed === asked) show((await answer.json()).suggestions);
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
})();
