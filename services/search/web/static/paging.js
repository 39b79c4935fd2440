// "More papers" adds the next page below the list. The pages shown are kept in the history: who comes back finds the
// same papers at the same place. Without script it is a link.
(() => {
  "use strict";
  const MOST = 10; // pages that are loaded again after a return
  const list = document.querySelector("section.list");
  const next = () => list.querySelector(".more a[rel=next]");
  const news = document.createElement("p");
  let pages = 0, loading = false;

  async function load() {
    const link = next();
    if (!link || loading) return null;
    loading = true;
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("section.list")) throw new Error("This is no list of papers.");
      return add(link, page);
    } catch {
      news.className = "toast";
      news.textContent = "More papers could not be loaded. Try again.";
      return null;
    } finally {
      loading = false;
      link.removeAttribute("aria-busy");
    }
  }

  function add(link, page) {
    const papers = [...page.querySelectorAll("section.list > article.paper")].filter((paper) => !document.getElementById(paper.id));
    const following = page.querySelector("section.list > .more");
    link.closest(".more").replaceWith(...papers, ...(following ? [following] : []));
    pages += 1;
    news.className = "hidden";
    news.textContent = `${papers.length} more papers`;
    document.dispatchEvent(new CustomEvent("papers", { detail: papers }));
    return papers[0];
  }

  async function more(event) {
    const link = event.target.closest(".more a[rel=next]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const first = await load();
    first?.querySelector("h3 a").focus({ preventScroll: true });
    keep();
  }

  function keep() {
    if (!pages) return;
    history.scrollRestoration = "manual"; // the browser would restore the place before the papers are there
    history.replaceState({ ...history.state, pages, top: scrollY }, "");
  }

  async function restore({ pages: wanted, top }) {
    while (pages < Math.min(wanted, MOST) && await load());
    scrollTo({ top, behavior: "instant" });
  }

  if (!list || !next()) return;
  news.className = "hidden";
  news.setAttribute("role", "status");
  list.after(news);
  list.addEventListener("click", more);
  for (const moment of ["scrollend", "pagehide"]) addEventListener(moment, keep);
  if (history.state?.pages) restore(history.state);
})();
