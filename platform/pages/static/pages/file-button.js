// Beside a button for choosing files (pages/file_button.html) stands what was chosen.
const tell = (input) => {
  const name = input.closest(".file")?.querySelector(".file__name");
  if (name) name.textContent = [...input.files].map((file) => file.name).join(", ") || name.dataset.none;
};
document.addEventListener("change", (event) => {
  if (event.target.matches?.(".file input[type=file]")) tell(event.target);
});
// a browser that goes back keeps what was chosen, and a form that is emptied loses it
addEventListener("pageshow", () => document.querySelectorAll(".file input[type=file]").forEach(tell));
document.addEventListener("reset", (event) =>
  setTimeout(() => event.target.querySelectorAll(".file input[type=file]").forEach(tell)),
);
