// One picture for each service, drawn with a few strokes; a service without one has its office's.
const PATHS: Record<string, string> = {
  "birth-registration": "M12 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6M7 21c-2-4-1-10 5-10s7 6 5 10zM10 15h0M14 15h0M10.500 18c1 1 2 1 3 0",
  "marriage-registration": "M9 8a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 8a6 6 0 1 1 0 12 6 6 0 0 1 0-12M12 2l1.500 2L12 6l-1.500-2z",
  "death-registration": "M6 21V10a6 6 0 0 1 12 0v11zM4 21h16M12 9v7M9.500 11.500h5",
  "land-document-certification": "M3 20h18M4 20l3-8 5 3 4-7 4 12M15 4l2-2 2 2-2 2z",
  "id-card": "M2 5h20v14H2zM8 9a2 2 0 1 1 0 4 2 2 0 0 1 0-4M5 16c1-2 5-2 6 0M14 10h5M14 14h5",
  "residence-book": "M5 3h14v18H5zM8 3v18M13.500 8l-3 3v4h6v-4z",
  "family-book": "M5 3h14v18H5zM8 3v18M11 8a1.500 1.500 0 1 0 3 0 1.500 1.500 0 0 0-3 0M10 15c0-4 5-4 5 0M16 11h0M15 16c0-3 2-3 2 0",
  "certified-copy": "M8 3h9l3 3v11H8zM4 7v14h12M11 9h6M11 12h6M15 19l2 2 4-5",
  "room-rental-licence": "M3 11l9-8 9 8M5 10v11h14V10M10 21v-6h4v6M16 13h0",
  "barber-licence": "M6 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6M18 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6M7.500 15.500L17 3M16.500 15.500L7 3",
  "motorcycle-licence": "M5 14a4 4 0 1 0 0 8 4 4 0 0 0 0-8M19 14a4 4 0 1 0 0 8 4 4 0 0 0 0-8M5 18l4-7h6l4 7M9 11L7 8H5M15 11l-1-4h3",
  "driving-licence-duplicate": "M2 8h15v12H2zM6 4h16v12M6 12a1.500 1.500 0 1 0 3 0 1.500 1.500 0 0 0-3 0M5 17c1-2 4-2 5 0M12 12h3M12 16h3",
  "passport-adult": "M5 2h14v20H5zM12 7a4 4 0 1 0 0 8 4 4 0 0 0 0-8M8 11h8M12 7c-2 3-2 5 0 8M12 7c2 3 2 5 0 8M9 18.500h6",
  "outpatient-consultation": "M6 3v5a4 4 0 0 0 8 0V3M5 3h2M13 3h2M10 12v3a5 5 0 0 0 10 0v-2M20 9a2 2 0 1 1 0 4 2 2 0 0 1 0-4",
  delivery: "M12 3a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5M6 21c0-8 2-11 6-11s6 3 6 11M8 15c3 4 7 3 8-1M12 13.500h0",
  "school-enrolment": "M2 9l10-5 10 5-10 5zM6 11v6c3 3 9 3 12 0v-6M22 9v6",
  commune: "M3 21h18M4 10l8-6 8 6M6 10v11M18 10v11M10 21v-6h4v6M12 1v3",
  police: "M12 2l8 3v6c0 6-4 9-8 11-4-2-8-5-8-11V5zM12 8l1.200 2.500 2.800.4-2 2 .5 2.700-2.500-1.300-2.500 1.300.5-2.700-2-2 2.800-.4z",
  health_centre: "M3 4h18v17H3zM12 8v9M7.500 12.500h9",
  primary_school: "M2 21h20M4 21V9l8-5 8 5v12M9 21v-6h6v6M12 9h0",
  owso: "M3 5h18v16H3zM3 10h18M8 14h8M8 17h5",
  province: "M3 21h18M5 21V8h14v13M9 8V3h6v5M9 12h0M15 12h0M9 16h0M15 16h0",
  ministry: "M3 21h18M3 9l9-6 9 6zM6 9v9M10 9v9M14 9v9M18 9v9",
  requests: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3",
  tell: "M3 4h18v12H9l-5 4v-4H3zM8 9h8M8 12h5",
  place: "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7M12 6a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
  danger: "M6 11h12v10H6zM8 11V8a4 4 0 0 1 8 0v3M12 15v3",
  ear: "M7 18c1 5 6 4 6 0 0-3 5-4 5-9a6 6 0 0 0-12 0M9 10a3 3 0 1 1 5 2c-1 1-2 1-2 3",
  more: "M5 12h0M12 12h0M19 12h0",
};

export function Icon({ name, other }: { name: string; other?: string }) {
  const path = PATHS[name] ?? PATHS[other ?? ""] ?? PATHS.requests;
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"
      stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">
      <path d={path} />
    </svg>
  );
}
