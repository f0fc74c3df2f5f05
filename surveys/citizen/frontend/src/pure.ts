// Functions that tests call outside a browser.
import * as danger from "./words/danger";
import * as frame from "./words/frame";
import * as more from "./words/more";
import * as outcome from "./words/outcome";
import * as places from "./words/places";
import * as requests from "./words/requests";
import * as services from "./words/services";
import * as tell from "./words/tell";

export const SENSES = { danger, frame, more, outcome, places, requests, services, tell };
export { promised, workdays } from "../../../../frontend/shared/workdays";
export { fold, latin, number } from "./text";
