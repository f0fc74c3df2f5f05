/**
 * The form engine: JavaRosa's results, without DOM, network or clock of its own.
 *
 * The tablet's app imports it; the server runs the same source as one plain script. See
 * docs/form-engine.md.
 */
import { checkForm, expressionsOf } from "./check";
import { XPathError } from "./errors";
import type { Compiled } from "./form";
import { FUNCTION_NAMES } from "./functions";
import { functionsUsed, parse } from "./parse";
import { judge } from "./judge";
import { Lists } from "./lists";
import { matches } from "./regex";
import { type Options, Session } from "./session";
import { readXml, writeXml } from "./xml";

export { checkForm, expressionsOf, FUNCTION_NAMES as FUNCTIONS, functionsUsed, judge, Lists, matches, parse, readXml, Session, writeXml, XPathError };

/** A new record of a form, with everything it begins with. Throws XPathError only when the form's own XML is broken. */
export function openForm(form: Compiled, options: Options = {}): Session {
  return new Session(form, options).begin();
}

/** An existing record: a draft, or one to be judged. Calculations run; defaults and triggers do not. */
export function loadInstance(form: Compiled, xml: string, options: Options = {}): Session {
  return new Session(form, options, xml).settle();
}
