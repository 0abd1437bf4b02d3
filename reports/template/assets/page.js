// One button opens or closes all code; a narrow screen starts with the contents folded.
document.documentElement.classList.add("scripted");
const button = document.getElementById("code-button");
const blocks = document.querySelectorAll("details.code");
button.hidden = blocks.length === 0;
button.addEventListener("click", () => {
  const open = button.getAttribute("aria-pressed") !== "true";
  blocks.forEach((block) => { block.open = open; });
  button.setAttribute("aria-pressed", String(open));
  button.textContent = open ? "Hide code" : "Show code";
});
if (window.matchMedia("(max-width: 64rem)").matches) {
  document.querySelector(".contents details").open = false;
}
// A table of judgements can be narrowed to some of them; without this all rows stand there.
document.querySelectorAll("table[data-filter]").forEach((table) => {
  const rows = [...table.querySelectorAll("tbody tr[data-tone]")];
  const tones = new Map();
  rows.forEach((row) => {
    const kind = tones.get(row.dataset.tone) || { text: row.querySelector(".tone").textContent, rows: [] };
    kind.rows.push(row);
    tones.set(row.dataset.tone, kind);
  });
  if (tones.size < 2) return;
  const bar = document.createElement("p");
  bar.className = "filter";
  tones.forEach((kind, tone) => {
    const choice = document.createElement("button");
    choice.type = "button";
    choice.className = `tone tone-${tone}`;
    choice.textContent = `${kind.text} (${kind.rows.length})`;
    choice.setAttribute("aria-pressed", "true");
    choice.addEventListener("click", () => {
      const shown = choice.getAttribute("aria-pressed") !== "true";
      choice.setAttribute("aria-pressed", String(shown));
      kind.rows.forEach((row) => { row.hidden = !shown; });
    });
    bar.append(choice);
  });
  table.closest(".scroll").before(bar);
});
