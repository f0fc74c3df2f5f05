// One picture for each service, drawn with a few strokes; a service without one has its office's.
import drawn from "./icons.json";

const PATHS: Record<string, string> = drawn;

// The platform's mark, inside the page: a file of its own would be another request.
export function Mark() {
  return (
    <svg viewBox="0 0 36 36" width="32" height="32" aria-hidden="true">
      <rect width="36" height="36" rx="9" fill="#12466b" />
      <path d="M8 11.5h20M8 18h9" stroke="#fff" stroke-width="2.6" stroke-linecap="round" opacity=".75" />
      <path d="m15.500 24.500 4 4L28.500 18" fill="none" stroke="#ffc247" stroke-width="3.600" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

export function Icon({ name, other }: { name: string; other?: string }) {
  const path = PATHS[name] ?? PATHS[other ?? ""] ?? PATHS.requests;
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"
      stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">
      <path d={path} />
    </svg>
  );
}
