/** What the tablet's app uses of the engine; built as a script of its own, which `make oracle` runs too. */
export { plainPath } from "./form";
export { Session } from "./session";
