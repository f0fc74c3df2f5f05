// Faces from very bad to very good, drawn: the letters of cheap tablets lack some of them.

const MOUTHS = ["M12 33 Q20 22 28 33", "M13 31 Q20 25 27 31", "M13 29 L27 29", "M13 27 Q20 33 27 27", "M11 25 Q20 37 29 25 Z"];
const COLOURS = ["#f2b8b5", "#f9d9b0", "#f7ecb5", "#d5ebc0", "#b5e0bd"];

export function Face({ score }: { score: number }) {
  return (
    <svg class="drawn-face" viewBox="0 0 40 40" width="48" height="48" aria-hidden="true" fill="none" stroke="#1c1b1a" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">
      <circle cx="20" cy="20" r="18" fill={COLOURS[score - 1]} />
      <circle cx="13.5" cy="16" r="1.5" fill="#1c1b1a" />
      <circle cx="26.5" cy="16" r="1.5" fill="#1c1b1a" />
      {score === 1 && <path d="M9 10 L16 12.5 M31 10 L24 12.5" />}
      <path d={MOUTHS[score - 1]} />
    </svg>
  );
}
