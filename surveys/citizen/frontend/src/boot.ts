// The first screens come with the page and answer without a script (templates/citizen/first.html);
// the app takes over behind them, once they are on the screen.
const take = (): void => void import("./main");
if (document.querySelector(".home")) requestAnimationFrame(() => setTimeout(take));
else take();
