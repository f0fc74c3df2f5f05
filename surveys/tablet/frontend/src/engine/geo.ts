/** Areas and distances on the earth as a ball, as JavaRosa computes them. */
import { XPathError } from "./errors";
import { type Result, seen, text, type Value } from "./values";

const RADIUS = 6_378_100;
const RADIANS = Math.PI / 180;
type Point = [latitude: number, longitude: number];

function pointsOf(written: string): Point[] {
  return written.split(";").map((point) => point.trim()).filter(Boolean).map((point) => {
    const numbers = point.split(/\s+/).slice(0, 2).map(Number);
    if (numbers.length < 2 || numbers.some(Number.isNaN)) throw new XPathError(`“${point}” is not a point`);
    return numbers as Point;
  });
}

function points(args: Result[]): Point[] {
  const values: Value[] = args.flatMap((arg) => (Array.isArray(arg) ? arg.map(seen) : [arg]));
  return values.flatMap((value) => pointsOf(text(value)));
}

/** Square metres inside a line that closes. */
export function area(args: Result[]): number {
  if (!Array.isArray(args[0])) throw new XPathError("area() needs a path to a question");
  const all = points(args);
  if (all.length < 3) return 0;
  const metres = (2 * RADIUS * Math.PI) / 360;
  const [first] = all as [Point];
  const flat = all.slice(1).map(([latitude, longitude]) => [(longitude - first[1]) * metres * Math.cos(latitude * RADIANS), (latitude - first[0]) * metres] as const);
  let sum = 0;
  for (let i = 1; i < flat.length; i++) sum += (flat[i - 1]![1] * flat[i]![0] - flat[i - 1]![0] * flat[i]![1]) / 2;
  return Math.abs(sum);
}

/** Metres along a line. */
export function distance(args: Result[]): number {
  const all = points(args);
  let sum = 0;
  for (let i = 1; i < all.length; i++) {
    const [[a, b], [c, d]] = [all[i - 1]!, all[i]!];
    const cosine = Math.sin(a * RADIANS) * Math.sin(c * RADIANS) + Math.cos(a * RADIANS) * Math.cos(c * RADIANS) * Math.cos((b - d) * RADIANS);
    sum += Math.acos(Math.min(1, cosine)) * RADIUS;
  }
  return sum;
}

/** Is a point inside a shape? False when either is blank; what lies on its northern or eastern side is outside. */
export function inside([place, shape]: Result[]): boolean {
  if (!Array.isArray(shape)) throw new XPathError("geofence() needs a path to a shape");
  const [point, ...others] = points([place!]);
  const corners = points([shape]);
  if (!point || !corners.length) return false;
  if (others.length || corners.length < 3) throw new XPathError("geofence() needs one point, then a shape");
  const [y, x] = point;
  let within = false;
  corners.forEach(([yThis, xThis], i) => {
    const [yLast, xLast] = corners[(i || corners.length) - 1]!;
    const crosses = yThis > y !== yLast > y && x < ((xLast - xThis) * (y - yThis)) / (yLast - yThis) + xThis;
    if (crosses) within = !within;
  });
  return within;
}
