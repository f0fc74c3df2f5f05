// The moment, as XForms writes it.

export const now = () => {
  const d = new Date();
  const offset = -d.getTimezoneOffset();
  const pad = (n: number, l = 2) => String(Math.abs(n)).padStart(l, "0");
  const day = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
  const time = `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}.${pad(d.getMilliseconds(), 3)}`;
  const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(offset % 60)}`;
  return { day, stamp: `${day}T${time}${zone}` };
};
