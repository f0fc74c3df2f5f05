// The calls that the server makes of FormEngine (surveys/tablet/frontend/src/engine).
// answerCall takes one request as JSON and returns {"value": ...} or {"failed": "error", "message": ...}.
"use strict";

const keptForms = new Map();
const keptLists = new Map();
const MOST_KEPT = 64;

function keep(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_KEPT) map.delete(map.keys().next().value);
}
