/** The engine's interface for the tablet's app; built as a script of its own, which `make oracle` runs too. */
export { plainPath } from "./form";
export { Session } from "./session";
