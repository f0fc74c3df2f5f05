// The first screens come with the page and answer without a script (templates/citizen/first.html);
// the app takes over behind them, once they are on the screen and nothing else is to do: a tap
// made by then is answered first.
const take = (): void => void import("./main");
const idle = (): unknown => ("requestIdleCallback" in window ? requestIdleCallback(take, { timeout: 1500 }) : setTimeout(take, 100));
if (document.querySelector(".home")) requestAnimationFrame(() => setTimeout(idle));
else take();
