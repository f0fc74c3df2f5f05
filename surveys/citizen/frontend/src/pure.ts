// What tests ask outside a browser.
export { KM, EN } from "./words";
export { promised, workdays } from "./workdays";
export { fold, latin, number } from "./text";
