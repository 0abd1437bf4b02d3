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
