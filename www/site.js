// The copy button of the landing page.
const button = document.getElementById("copy");
const tag = document.getElementById("tag");

button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(tag.textContent);
    button.textContent = "Copied";
  } catch {
    // No permission: leave the tag selected, ready for the keyboard.
    getSelection().selectAllChildren(tag);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});
