"use strict";
// A click on a heading sorts its table: numbers by size, days by date, words regardless of case. A second click reverses.
(() => {
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const number = /^-?\d+$/;

  const compare = (one, other) =>
    number.test(one) && number.test(other) ? Number(one) - Number(other) : words.compare(one, other);

  const sort = (heading) => {
    const table = heading.closest("table");
    const place = heading.cellIndex;
    const before = heading.getAttribute("aria-sort");
    const first = heading.classList.contains("number") ? "descending" : "ascending";
    const direction = before === "none" ? first : before === "ascending" ? "descending" : "ascending";
    for (const each of table.tHead.rows[0].cells) each.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const key = (row) => row.cells[place].dataset.key;
    body.append(...[...body.rows].sort((one, other) => sign * compare(key(one), key(other))));
  };

  for (const button of document.querySelectorAll("table.sortable th button"))
    button.addEventListener("click", () => sort(button.closest("th")));

  // Open the collapsed section that a link points to.
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
