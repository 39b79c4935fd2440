// The address of the page of a paper, as the server writes ids in paths: a slash stays one, unless the path would then
// mean something else.
function paperPath(id) {
  "use strict";
  const parts = id.split("/");
  const other = parts.some((part) => ["", ".", ".."].includes(part)) || (parts.length > 1 && ["citation", "similar", "trend"].includes(parts.at(-1)));
  return `${document.body.dataset.site}/papers/${parts.map(encodeURIComponent).join(other ? "%2F" : "/").replaceAll("%3A", ":")}`;
}

// The reading list: kept by the server for a reader who is signed in, and by this browser for everybody else. The rows
// have the form of those of the server, so that they can be moved there.
const readingList = (() => {
  "use strict";
  const KEY = "paperwire:list", MOST = 1000, TAGS = 20, TAG = 50, NOTE = 2000, TITLE = 1000, AWAY_MS = 30 * 60 * 1000;
  const MOMENTS = { save: "saved_at", like: "liked_at", read: "read_at", hide: "hidden_at", dislike: "disliked_at" };
  const signedIn = "reader" in document.body.dataset;

  let parsed = { text: "", list: { rows: {} } };

  // What is damaged or of another form is left out: one bad row must not take the others with it.
  const sound = ([id, row]) => row?.id === id && typeof row.added_at === "string" && Array.isArray(row.tags ?? []) && typeof (row.note ?? "") === "string";

  // The list and its rows are shared by all that read it: who changes them makes copies.
  function kept() {
    try {
      const text = localStorage.getItem(KEY);
      if (text === parsed.text) return parsed.list;
      const found = JSON.parse(text);
      parsed = { text, list: { visit: found.visit, rows: Object.fromEntries(Object.entries(found.rows ?? {}).filter(sound)) } };
      return parsed.list;
    } catch {
      return { rows: {} };
    }
  }

  const tell = () => document.dispatchEvent(new Event("marks"));

  function keep(list) {
    try {
      localStorage.setItem(KEY, JSON.stringify(list));
    } catch {
      throw new Error("This browser does not keep a list for this page.");
    }
  }

  function markOf(row) {
    return {
      saved: Boolean(row?.saved_at), liked: Boolean(row?.liked_at), read: Boolean(row?.read_at),
      hidden: Boolean(row?.hidden_at), disliked: Boolean(row?.disliked_at), tags: row?.tags || [], note: row?.note || "",
    };
  }

  // The server refuses control characters and halves of characters, and with them a whole list.
  const clean = (text, most) => [...text.replace(/[\p{Cc}\p{Cs}]/gu, (sign) => ("\n\r\t".includes(sign) ? sign : ""))].slice(0, most).join("");
  const tagsOf = (text) => [...new Set(text.toLowerCase().split(",").map((tag) => clean(tag.trim().replace(/\s+/g, " "), TAG)).filter(Boolean))].slice(0, TAGS);

  function edited(row, act, value, now) {
    if (act === "tag") return { ...row, tags: tagsOf(value) };
    if (act === "note") return { ...row, note: clean(value.trim(), NOTE) };
    const undo = act.startsWith("un"), moment = MOMENTS[undo ? act.slice(2) : act];
    const opposite = { like: "disliked_at", dislike: "liked_at" }[act];
    return { ...row, [moment]: undo ? null : row[moment] || now, ...(opposite && { [opposite]: null }) };
  }

  function changeHere(paper, act, value) {
    const list = { ...kept(), rows: { ...kept().rows } }, now = new Date().toISOString();
    const row = edited(list.rows[paper.id] || { id: paper.id, title: paper.title, added_at: now }, act, value, now);
    const mark = markOf(row);
    if (!list.rows[paper.id] && Object.keys(list.rows).length >= MOST) throw new Error(`This browser keeps at most ${MOST} papers. Sign in to keep more.`);
    if (Object.values(mark).some((set) => (Array.isArray(set) ? set.length : set))) list.rows[paper.id] = row;
    else delete list.rows[paper.id];
    keep(list);
    tell();
    return mark;
  }

  async function post(address, fields) {
    const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields) });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.detail || "The server did not keep this. Try again.");
    return said;
  }

  const changeThere = async (paper, act, value) => (await post(document.body.dataset.mine, { paper: paper.id, act, value })).mark;

  // The end of the visit before this one, in ms, or 0. A visit ends with half an hour without a page.
  function lastVisit() {
    const list = kept(), now = Date.now();
    const { since = 0, at = 0 } = list.visit || {};
    const visit = { since: now - at > AWAY_MS ? at : since, at: now };
    try {
      keep({ ...list, visit });
    } catch {
      return 0;
    }
    return visit.since;
  }

  const SENT = ["id", "title", "saved_at", "read_at", "hidden_at", "liked_at", "disliked_at", "tags", "note"], FORM = 60_000;
  const sendable = (row) => ({ ...row, title: clean(row.title || "", TITLE), note: clean(row.note || "", NOTE), tags: (row.tags || []).map((tag) => clean(tag, TAG)).filter(Boolean) });
  const sent = (row) => Object.fromEntries(SENT.map((name) => [name, sendable(row)[name]]).filter(([, value]) => value));

  // Moves the list of this browser to the server, as many rows at once as a form holds. Papers that are not in the index
  // stay here. Returns how many of the rows are there now, and how many stayed.
  async function move() {
    const stay = new Set();
    for (let moved = 0; ;) {
      const rows = Object.values(kept().rows).filter((row) => !stay.has(row.id)), part = [];
      if (!rows.length) return { moved, stayed: stay.size };
      while (rows.length && (!part.length || String(new URLSearchParams({ papers: JSON.stringify([...part, sent(rows[0])]) })).length < FORM)) part.push(sent(rows.shift()));
      const { imported, unknown } = await post(`${document.body.dataset.mine}/import`, { papers: JSON.stringify(part) });
      moved += imported;
      unknown.forEach((id) => stay.add(id));
      const list = { ...kept(), rows: { ...kept().rows } };
      part.forEach((row) => stay.has(row.id) || delete list.rows[row.id]);
      keep(list);
    }
  }

  // Up to 50 papers that were liked or saved and 8 that were turned down, the newest last, as the query of "For you".
  function likes() {
    const LIKED = 50, AWAY = 8, ADDRESS = 4000;
    const newest = (moment) => Object.values(kept().rows).filter(moment).sort((one, other) => (moment(one) < moment(other) ? 1 : -1));
    const pairs = [
      ...newest((row) => !row.disliked_at && (row.liked_at || row.saved_at)).slice(0, LIKED).map((row) => ["like", row.id]),
      ...newest((row) => row.disliked_at).slice(0, AWAY).map((row) => ["unlike", row.id]),
    ];
    while (String(new URLSearchParams(pairs)).length > ADDRESS) pairs.pop();
    return pairs[0]?.[0] === "like" ? String(new URLSearchParams(pairs.reverse())) : "";
  }

  addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) tell();
  });

  return {
    signedIn,
    likes,
    move,
    rows: () => kept().rows,
    mark: (id) => markOf(kept().rows[id]),
    change: async (paper, act, value = "") => (signedIn ? changeThere : changeHere)(paper, act, value),
    clear: () => { keep({ ...kept(), rows: {} }); tell(); },
    lastVisit,
  };
})();
