// Digits and numbers as people type them, the same in both apps.

const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\u061c\ufeff\u00ad]/g;

// Khmer digits are accepted wherever digits are; \d and Number() do not know them.
export function latin(text: string): string {
  return text.replace(/[០-៩]/g, (digit) => String(digit.charCodeAt(0) - 0x17e0));
}

export function khmer(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x17e0 + Number(digit)));
}

// Signs that take no room on the screen, which keyboards and copied texts contain.
export function visible(text: string): string {
  return text.replace(INVISIBLE, "");
}

// Read a whole or decimal number as XForms writes it; null where it is not one. 1,000 and 1 000 are
// 1000, and so is 1.000 where only whole numbers are asked for. Among decimals a point is always
// the point, and a comma is one where it is not between thousands: 3,5 is 3.5 and 0,500 is 0.500.
export function number(text: string, decimal: boolean): string | null {
  const bare = latin(visible(text)).replace(/\s/g, "");
  const thousands = decimal ? /^-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?$/ : /^-?[1-9][0-9]{0,2}([,.][0-9]{3})+$/;
  let plain = bare;
  if (thousands.test(bare)) plain = bare.replace(decimal ? /,/g : /[,.]/g, "");
  else if (decimal) plain = bare.replace(/^(-?[0-9]+),([0-9]+)$/, "$1.$2");
  const shape = decimal ? /^-?[0-9]+(\.[0-9]+)?$/ : /^-?[0-9]{1,15}$/;
  return shape.test(plain) ? plain : null;
}
