// The map of papers: fifty thousand points on a canvas, drawn by colour, found by a grid.
(() => {
  "use strict";
  const canvas = document.getElementById("map");
  const note = document.getElementById("map-note");
  const legend = document.getElementById("map-fields");
  const SIDE = 65535, CELLS = 128, NEW_DAYS = 7, REACH = 12, LARGEST = 60, EDGE = 12;
  const NAMES = 16;
  const { site } = document.body.dataset;
  const view = { scale: 1, x: 0, y: 0 };
  const hidden = new Set();
  const titles = new Map();
  const pointers = new Map();
  let data, groups, grid, newest, colours, selected = -1, moved = false, titleTimer = 0, drawing = 0;

  const ratio = () => window.devicePixelRatio || 1;
  const base = () => (Math.min(canvas.clientWidth, canvas.clientHeight) - 2 * EDGE) / SIDE;
  const zoom = () => base() * view.scale;
  const across = (index) => data.x[index] * zoom() + view.x;
  const down = (index) => data.y[index] * zoom() + view.y;

  function prepare(loaded) {
    data = loaded;
    const last = loaded.day.reduce((most, day) => Math.max(most, day), 0);
    groups = loaded.fields.map(() => []);
    grid = new Map();
    newest = new Uint8Array(loaded.id.length);
    for (let index = 0; index < loaded.id.length; index += 1) {
      groups[loaded.field[index]].push(index);
      newest[index] = last - loaded.day[index] < NEW_DAYS ? 1 : 0;
      const cell = cellOf(loaded.x[index], loaded.y[index]);
      if (!grid.has(cell)) grid.set(cell, []);
      grid.get(cell).push(index);
    }
  }

  function cellOf(x, y) {
    const side = SIDE / CELLS;
    return Math.min(CELLS - 1, Math.floor(x / side)) * CELLS + Math.min(CELLS - 1, Math.floor(y / side));
  }

  function fit() {
    const left = canvas.clientWidth - base() * SIDE, over = canvas.clientHeight - base() * SIDE;
    Object.assign(view, { scale: 1, x: left / 2, y: over / 2 });
  }

  function readColours() {
    const style = getComputedStyle(canvas);
    colours = data.fields.map((_, field) => style.getPropertyValue(`--field-${field}`).trim() || "gray");
  }

  function draw() {
    drawing = 0;
    const pen = canvas.getContext("2d"), dense = ratio(), width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== width * dense || canvas.height !== height * dense) {
      canvas.width = width * dense;
      canvas.height = height * dense;
    }
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const factor = zoom(), size = Math.min(7, 1.6 + Math.log2(view.scale + 1) + (data.id.length < 3000 ? 1.6 : 0));
    groups.forEach((members, field) => {
      if (hidden.has(field)) return;
      pen.fillStyle = colours[field];
      for (const index of members) {
        const x = data.x[index] * factor + view.x, y = data.y[index] * factor + view.y;
        if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
        const wide = newest[index] ? size * 1.7 : size;
        pen.fillRect(x - wide / 2, y - wide / 2, wide, wide);
      }
    });
    const at = (region) => [region.x * factor + view.x, region.y * factor + view.y];
    drawNames(canvas, pen, (data.regions || []).slice(0, Math.ceil(NAMES * view.scale)), at);
    if (selected >= 0) {
      pen.lineWidth = 2;
      pen.strokeStyle = getComputedStyle(canvas).color;
      pen.beginPath();
      pen.arc(across(selected), down(selected), size + 5, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  function redraw() {
    drawing = drawing || requestAnimationFrame(draw);
  }

  function nearest(x, y) {
    const factor = zoom(), side = SIDE / CELLS, reach = REACH / factor;
    const left = (x - view.x) / factor, top = (y - view.y) / factor;
    let best = -1, least = reach * reach;
    for (let column = Math.floor((left - reach) / side); column <= (left + reach) / side; column += 1) {
      for (let row = Math.floor((top - reach) / side); row <= (top + reach) / side; row += 1) {
        for (const index of grid.get(column * CELLS + row) || []) {
          if (hidden.has(data.field[index])) continue;
          const far = (data.x[index] - left) ** 2 + (data.y[index] - top) ** 2;
          if (far < least) [best, least] = [index, far];
        }
      }
    }
    return best;
  }

  const address = (index) => paperPath(data.id[index]);

  function select(index) {
    if (index === selected) return;
    selected = index;
    canvas.classList.toggle("on-paper", index >= 0);
    clearTimeout(titleTimer);
    note.replaceChildren();
    if (index >= 0) {
      showTitle(index);
      if (!titles.has(index)) titleTimer = setTimeout(() => loadTitle(index), 80);
    }
    redraw();
  }

  function showTitle(index) {
    const link = document.createElement("a");
    link.href = address(index);
    link.textContent = titles.get(index) || data.id[index];
    note.replaceChildren(link, ` ${data.fields[data.field[index]]}${newest[index] ? ", new" : ""}`);
  }

  async function loadTitle(index) {
    const answer = await fetch(address(index).replace(`${site}/papers/`, `${site}/v1/papers/`));
    if (!answer.ok) return;
    titles.set(index, (await answer.json()).title);
    if (index === selected) showTitle(index);
  }

  function zoomBy(factor, x, y) {
    const wanted = Math.max(0.7, Math.min(LARGEST, view.scale * factor)), real = wanted / view.scale;
    Object.assign(view, { scale: wanted, x: x - (x - view.x) * real, y: y - (y - view.y) * real });
    redraw();
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function move(event) {
    const [x, y] = place(event), before = pointers.get(event.pointerId);
    if (!before) return select(nearest(x, y));
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pointers.set(event.pointerId, [x, y]);
    moved = moved || Math.hypot(x - before[0], y - before[1]) > 2;
    if (others.length) {
      const [a, b] = others[0];
      zoomBy(Math.hypot(x - a, y - b) / (Math.hypot(before[0] - a, before[1] - b) || 1), a, b);
    } else {
      view.x += x - before[0];
      view.y += y - before[1];
      redraw();
    }
  }

  function listen() {
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      moved = false;
    });
    canvas.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        pointers.delete(event.pointerId);
        if (end === "pointercancel" || moved) return;
        const index = nearest(...place(event));
        if (event.pointerType === "mouse" && index >= 0) location.assign(address(index));
        else select(index);
      });
    }
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY / 400), ...place(event));
    }, { passive: false });
    canvas.addEventListener("keydown", press);
    new ResizeObserver(redraw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); redraw(); });
  }

  function press(event) {
    const step = 60, middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
    const steps = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (steps) [view.x, view.y] = [view.x + steps[0], view.y + steps[1]];
    else if (event.key === "+" || event.key === "=") zoomBy(1.4, ...middle);
    else if (event.key === "-") zoomBy(1 / 1.4, ...middle);
    else if (event.key === "0") fit();
    else if (event.key === "Enter" && selected >= 0) return location.assign(address(selected));
    else return;
    event.preventDefault();
    select(nearest(...middle));
    redraw();
  }

  function list() {
    data.fields.forEach((name, field) => {
      if (!groups[field].length) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = `field field-${field}`;
      button.setAttribute("aria-pressed", "true");
      button.textContent = `${name} ${groups[field].length.toLocaleString("en")}`;
      button.addEventListener("click", () => {
        const shown = hidden.delete(field) || !hidden.add(field);
        button.setAttribute("aria-pressed", String(shown));
        redraw();
      });
      legend.append(button);
    });
  }

  function begin() {
    readColours();
    list();
    linkNames(document.getElementById("map-regions"), data.regions || [], site);
    fit();
    listen();
    const asked = data.id.indexOf(new URLSearchParams(location.search).get("paper") || "");
    if (asked >= 0) {
      zoomBy(12, across(asked), down(asked));
      view.x += canvas.clientWidth / 2 - across(asked);
      view.y += canvas.clientHeight / 2 - down(asked);
      select(asked);
    }
    canvas.dataset.papers = String(data.id.length);
    redraw();
  }

  document.getElementById("map-plain").hidden = true;
  fetch(`${site}/map.json`).then(async (answer) => {
    if (!answer.ok) throw new Error((await answer.json()).detail);
    prepare(await answer.json());
    begin();
  }).catch((error) => {
    note.textContent = error.message;
    canvas.hidden = true;
  });
})();
