/**
 * The one error of the engine.
 *
 * `position` is the index in `expression` at which reading stopped, when it was a matter of syntax.
 */
export class XPathError extends Error {
  constructor(message: string, public expression = "", public position?: number) {
    super(message);
    this.name = "XPathError";
  }
}
