// Khmer digits are accepted wherever digits are; \d and Number() do not know them.
export function latin(text: string): string {
  return text.replace(/[០-៩]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));
}

export function khmer(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x17e0 + Number(digit)));
}

// Whole or decimal number as XForms writes it; null where it is none. 1,000 and 1 000 are 1000, and
// so is 1.000 where only whole numbers are asked for; among decimals a point is always the point.
export function number(text: string, decimal: boolean): string | null {
  const marks = decimal ? /(?<=[0-9]),(?=[0-9]{3}(?![0-9]))/g : /(?<=[0-9])[,.](?=[0-9]{3}(?![0-9]))/g;
  const bare = latin(text).replace(/[\s\u200b]/g, "").replace(marks, "");
  const shape = decimal ? /^-?[0-9]+(\.[0-9]+)?$/ : /^-?[0-9]{1,15}$/;
  return shape.test(bare) ? bare : null;
}
