/**
 * Read and write the XML of a record: elements, attributes and text, nothing else.
 *
 * Names and attributes are kept as written (with prefixes), so that what is sent is what the
 * server's instance says. There is no DOM where this also runs.
 */
import { XPathError } from "./errors";
import { TreeNode } from "./tree";

const TAG = /<(?:!--[\s\S]*?-->|\?[\s\S]*?\?>|!\[CDATA\[([\s\S]*?)\]\]>|(\/?)([^\s/>!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>)/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex: string, decimal: string, name: string) => {
    const code = hex ? parseInt(hex, 16) : Number(decimal);
    return name ? NAMED[name] ?? all : String.fromCodePoint(Math.min(code, 0x10ffff));
  });
}

/** Return the root element of `source`. Throws XPathError when it is not well formed. */
export function readXml(source: string): TreeNode {
  const text = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const top = new TreeNode("#top");
  let node = top;
  let at = 0;
  let words = "";
  const flush = () => {
    if (!node.children.length) node.raw += words;
    words = "";
  };
  while (at < text.length) {
    const open = text.indexOf("<", at);
    if (open < 0) break;
    words += plain(text.slice(at, open));
    TAG.lastIndex = open;
    const match = TAG.exec(text);
    if (!match) throw new XPathError("the record's XML cannot be read", text.slice(open, open + 40), open);
    at = TAG.lastIndex;
    const [, cdata, closing, name, attributes, empty] = match;
    if (cdata !== undefined) words += cdata;
    if (!name) continue;
    flush();
    if (closing) {
      if (node.name !== name || !node.parent) throw new XPathError("the record's XML cannot be read", name, open);
      node = node.parent;
    } else {
      const made = new TreeNode(name);
      for (const [, key, double, single] of attributes!.matchAll(ATTRIBUTE)) made.attributes[key!] = plain((double ?? single)!);
      node.append(made);
      node.raw = "";
      if (!empty) node = made;
    }
  }
  if (node !== top || top.children.length !== 1) throw new XPathError("the record's XML cannot be read", text.slice(0, 40), at);
  const root = top.children[0]!;
  root.parent = null;
  return root;
}

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Write a tree; `leave` names nodes that are left out, `text` what stands in a leaf. */
export function writeXml(node: TreeNode, leave: (node: TreeNode) => boolean, text: (leaf: TreeNode) => string): string {
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => ` ${name}="${escaped(value).replace(/"/g, "&quot;")}"`).join("");
  const inside = node.children.length
    ? node.children.map((child) => (leave(child) ? "" : writeXml(child, leave, text))).join("")
    : escaped(text(node));
  return inside ? `<${node.name}${attributes}>${inside}</${node.name}>` : `<${node.name}${attributes}/>`;
}
