// The names of regions: on the map, and as links below it.

// Draws the names of regions, the large ones first: none over the edge of the canvas, none over another. `at` returns
// the place of a region in pixels.
function drawNames(canvas, pen, regions, at) {
  "use strict";
  const LETTERS = 13, LINE = 20, MARGIN = 6;
  const style = getComputedStyle(canvas), width = canvas.clientWidth, height = canvas.clientHeight;
  const drawn = [];
  pen.font = `600 ${LETTERS}px ${style.fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = style.backgroundColor;
  pen.fillStyle = style.color;
  for (const region of regions) {
    const [x, y] = at(region), half = pen.measureText(region.name).width / 2 + MARGIN;
    if (x < 0 || y < 0 || x > width || y > height || 2 * half > width) continue;
    const middle = Math.max(half, Math.min(width - half, x)), line = Math.max(LINE / 2, Math.min(height - LINE / 2, y));
    const box = { name: region.name, left: middle - half, right: middle + half, top: line - LINE / 2, bottom: line + LINE / 2 };
    const over = (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
    if (drawn.some(over)) continue;
    drawn.push(box);
    pen.strokeText(region.name, middle, line);
    pen.fillText(region.name, middle, line);
  }
  canvas.dataset.names = JSON.stringify(drawn);
}

// Links the names of the largest regions to a search for each.
function linkNames(line, regions, site) {
  "use strict";
  const LINKS = 12;
  line.hidden = !regions.length;
  line.append(...regions.slice(0, LINKS).flatMap((region, at) => {
    const link = document.createElement("a");
    link.href = `${site}/search?q=${encodeURIComponent(region.name)}`;
    link.textContent = region.name;
    return at ? [", ", link] : [link];
  }));
}
