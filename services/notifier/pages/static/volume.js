// Shows beside the slider what its threshold would have sent; without script the table below shows the same.
(() => {
  "use strict";
  const slider = document.getElementById("threshold"), rate = document.getElementById("rate");
  if (!slider) return;
  const rungs = [...document.querySelectorAll("#rungs tbody tr")].map((row) => [...row.cells].map((cell) => Number(cell.textContent)));
  slider.addEventListener("input", () => {
    const [threshold, , weekly] = rungs.reduce((best, rung) =>
      Math.abs(rung[0] - slider.value) < Math.abs(best[0] - slider.value) ? rung : best);
    rate.textContent = threshold.toFixed(2) + ("rates" in slider.dataset ? `: about ${weekly} a week` : "");
  });
})();
