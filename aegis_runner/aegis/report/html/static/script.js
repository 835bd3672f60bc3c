(() => {
  "use strict";
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);

  // A choice of dark or light lasts as long as the page where a file may keep nothing.
  const root = document.documentElement;
  const theme = byId("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; });

  for (const button of all(".copy")) {
    button.hidden = false;
    const label = button.firstChild;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("code").textContent;
      let done = true;
      try { await navigator.clipboard.writeText(text); } catch { done = bySelection(button.parentElement.querySelector("code")); }
      label.data = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { label.data = "Copy"; }, 2000);
    });
  }

  // A page opened from a file may have no clipboard of its own.
  function bySelection(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }

  // A link to something folded away opens it; paper has no folds.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  let folded = [];
  addEventListener("beforeprint", () => { folded = all("details:not([open])"); for (const one of folded) one.open = true; });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });

  const table = byId("results");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const [search, status, severity, shown] = ["search", "status", "severity", "shown"].map(byId);
  document.querySelector(".controls").hidden = false;

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const { row, text } of rows) {
      const fits = words.every((word) => text.includes(word))
        && (!status.value || row.cells[0].textContent === status.value)
        && (!severity.value || row.cells[1].textContent === severity.value);
      row.hidden = !fits;
      number += fits;
    }
    shown.textContent = number === rows.length ? `${number} results` : `${number} of ${rows.length} results`;
  }
  for (const control of [search, status, severity]) control.addEventListener("input", filter);

  const RANKS = [...severity.options].map((option) => option.textContent);
  const VALUES = {
    text: (cell) => cell.textContent.toLowerCase(),
    number: (cell) => Number(cell.dataset.n ?? cell.textContent) || 0,
    rank: (cell) => -RANKS.indexOf(cell.textContent),
  };
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const kind = head.dataset.kind;
      // Numbers and severities from the top, words from the beginning.
      const first = kind === "text" ? "ascending" : "descending";
      const order = head.ariaSort === first ? (first === "ascending" ? "descending" : "ascending") : first;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const value = ({ row }) => VALUES[kind](row.cells[place]);
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((one, other) => {
        const [a, b] = [value(one), value(other)];
        return a === b ? 0 : (a < b ? -sign : sign);
      });
      body.append(...rows.map(({ row }) => row));
    });
  });
})();
