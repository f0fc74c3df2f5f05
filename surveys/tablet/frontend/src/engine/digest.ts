/** digest() and base64-decode(), without the browser's own (an expression cannot wait). */
import { XPathError } from "./errors";

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function utf8(text: string): number[] {
  // half of a surrogate pair is not a character
  return [...encodeURIComponent(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "?")).matchAll(/%(..)|(.)/g)].map(([, hex, sign]) => (hex ? parseInt(hex, 16) : sign!.charCodeAt(0)));
}

function base64(bytes: number[]): string {
  let made = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    made += [18, 12, 6, 0].map((shift, j) => (i + j > bytes.length ? "=" : SIGNS[(n >> shift) & 63])).join("");
  }
  return made;
}

const WHOLE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text that `coded` holds in base 64; "" when it is no base 64, or not all of it. */
export function base64Decode(coded: string): string {
  const compact = coded.replace(/\s/g, "");
  if (!WHOLE.test(compact)) return "";
  const signs = compact.replace(/=/g, "");
  let bits = 0;
  let held = 0;
  let made = "";
  for (const sign of signs) {
    held = ((held << 6) | SIGNS.indexOf(sign)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      made += `%${((held >> bits) & 255).toString(16).padStart(2, "0")}`;
    }
  }
  try {
    return decodeURIComponent(made);
  } catch {
    return made.replace(/%(..)/g, (_all, hex: string) => (parseInt(hex, 16) < 128 ? String.fromCharCode(parseInt(hex, 16)) : "\ufffd"));
  }
}

const PRIMES: number[] = [];
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);

/** `width` bits after the point of the square or cube root of `n`. */
function rootBits(n: number, power: bigint, width: bigint): bigint {
  const scaled = BigInt(n) << (width * power);
  let low = 0n;
  let high = 1n << (width + 5n);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= scaled) low = middle;
    else high = middle;
  }
  return low & ((1n << width) - 1n);
}

/** Bytes of `text` padded to whole blocks, its length in bits at the end. */
function padded(text: string, block: number, littleEnd = false): number[] {
  const bytes = utf8(text);
  const bits = bytes.length * 8;
  bytes.push(0x80);
  while (bytes.length % block !== block - 8) bytes.push(0);
  const length = Array.from({ length: 8 }, (_n, i) => Math.floor(bits / 2 ** (8 * (7 - i))) & 255);
  return bytes.concat(littleEnd ? length.reverse() : length);
}

function sha2(text: string, wide: boolean, start: bigint[], length: number): number[] {
  const width = wide ? 64n : 32n;
  const mask = (1n << width) - 1n;
  const step = Number(width) / 8;
  const rounds = wide ? 80 : 64;
  const constants = PRIMES.slice(0, rounds).map((p) => rootBits(p, 3n, width));
  const turn = (x: bigint, n: number) => ((x >> BigInt(n)) | (x << (width - BigInt(n)))) & mask;
  const sigma = (x: bigint, a: number, b: number, c: number, shift: boolean) => turn(x, a) ^ turn(x, b) ^ (shift ? x >> BigInt(c) : turn(x, c));
  const [s0, s1, b0, b1] = wide ? [[1, 8, 7], [19, 61, 6], [28, 34, 39], [14, 18, 41]] : [[7, 18, 3], [17, 19, 10], [2, 13, 22], [6, 11, 25]] as const;
  const bytes = padded(text, step * 16);
  if (wide) {
    // the length has 128 bits there
    const tail = bytes.splice(bytes.length - 8);
    while (bytes.length % 128 !== 120) bytes.push(0);
    bytes.push(...tail);
  }
  const hash = [...start];
  for (let at = 0; at < bytes.length; at += step * 16) {
    const w = Array.from({ length: 16 }, (_n, i) => bytes.slice(at + i * step, at + (i + 1) * step).reduce((n, byte) => (n << 8n) | BigInt(byte), 0n));
    for (let i = 16; i < rounds; i++) w[i] = (w[i - 16]! + sigma(w[i - 15]!, s0![0]!, s0![1]!, s0![2]!, true) + w[i - 7]! + sigma(w[i - 2]!, s1![0]!, s1![1]!, s1![2]!, true)) & mask;
    let [a, b, c, d, e, f, g, h] = hash as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (let i = 0; i < rounds; i++) {
      const one = h + sigma(e, b1![0]!, b1![1]!, b1![2]!, false) + ((e & f) ^ (~e & mask & g)) + constants[i]! + w[i]!;
      const two = sigma(a, b0![0]!, b0![1]!, b0![2]!, false) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & mask, c, b, a, (one + two) & mask];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (hash[i] = (hash[i]! + x) & mask));
  }
  return hash.flatMap((x) => Array.from({ length: step }, (_n, i) => Number((x >> BigInt(8 * (step - 1 - i))) & 255n))).slice(0, length);
}

const turn32 = (x: number, n: number) => (x << n) | (x >>> (32 - n));

function sha1(text: string): number[] {
  const bytes = padded(text, 64);
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let at = 0; at < bytes.length; at += 64) {
    const w: number[] = [];
    for (let i = 0; i < 80; i++) {
      const b = at + 4 * i;
      w[i] = i < 16 ? (bytes[b]! << 24) | (bytes[b + 1]! << 16) | (bytes[b + 2]! << 8) | bytes[b + 3]! : turn32(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
    }
    let [a, b, c, d, e] = hash as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const mixed = i < 20 ? ((b & c) | (~b & d)) + 0x5a827999 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
      [e, d, c, b, a] = [d, c, turn32(b, 30), a, (turn32(a, 5) + mixed + e + w[i]!) | 0];
    }
    [a, b, c, d, e].forEach((x, i) => (hash[i] = (hash[i]! + x) | 0));
  }
  return hash.flatMap((x) => [24, 16, 8, 0].map((shift) => (x >>> shift) & 255));
}

function md5(text: string): number[] {
  const bytes = padded(text, 64, true);
  const shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < bytes.length; at += 64) {
    let [a, b, c, d] = hash as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round]!;
      const k = at + 4 * ([i, 5 * i + 1, 3 * i + 5, 7 * i][round]! % 16);
      const word = bytes[k]! | (bytes[k + 1]! << 8) | (bytes[k + 2]! << 16) | (bytes[k + 3]! << 24);
      const sum = (a + mixed + Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) + word) | 0;
      [a, d, c, b] = [d, c, b, (b + turn32(sum, shifts[round]![i % 4]!)) | 0];
    }
    [a, b, c, d].forEach((x, i) => (hash[i] = (hash[i]! + x) | 0));
  }
  return hash.flatMap((x) => [0, 8, 16, 24].map((shift) => (x >>> shift) & 255));
}

const KINDS: Record<string, (text: string) => number[]> = {
  MD5: md5,
  SHA1: sha1,
  SHA256: (text) => sha2(text, false, PRIMES.slice(0, 8).map((p) => rootBits(p, 2n, 32n)), 32),
  SHA384: (text) => sha2(text, true, PRIMES.slice(8, 16).map((p) => rootBits(p, 2n, 64n)), 48),
  SHA512: (text) => sha2(text, true, PRIMES.slice(0, 8).map((p) => rootBits(p, 2n, 64n)), 64),
};

/**
 * The digest of `text`, in hexadecimal digits or base 64. Throws XPathError for an unknown kind.
 *
 * Kinds are read as JavaRosa does: SHA-256, sha256 and Sha-256 are one.
 */
export function digest(text: string, kind: string, as: string): string {
  const name = kind.toUpperCase().replaceAll("-", "");
  const make = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (!make) throw new XPathError(`the digest “${kind}” is not supported`);
  const bytes = make(text);
  const encoding = as.toLowerCase();
  if (encoding === "hex") return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (encoding === "base64") return base64(bytes);
  throw new XPathError(`the encoding “${as}” is not supported`);
}
