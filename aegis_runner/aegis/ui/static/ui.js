(() => {
  "use strict";
  // The choice of dark or light lasts from page to page; before anything is drawn, so that nothing flashes.
  const root = document.documentElement;
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
    addEventListener("click", (event) => {
      if (event.target.id === "theme") localStorage.setItem("theme", root.dataset.theme);
    });
  } catch { /* a browser that may keep nothing shows the theme of the system */ }
})();
