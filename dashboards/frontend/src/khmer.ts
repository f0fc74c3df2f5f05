/* Plotly's own words in Khmer; everything else a chart says comes from Python. */
export const KHMER = {
  moduleType: "locale",
  name: "km",
  dictionary: {
    Autoscale: "មើលទាំងអស់",
    "Click to enter Plot title": "",
    "Download plot": "ទាញយករូបភាព",
    "Download plot as a PNG": "ទាញយករូបភាព PNG",
    Pan: "រំកិល",
    "Reset axes": "ត្រឡប់ដូចដើម",
    Reset: "ត្រឡប់ដូចដើម",
    "Reset view": "ត្រឡប់ដូចដើម",
    "Snapshot succeeded": "បានរក្សាទុករូបភាព",
    "Sorry, there was a problem downloading your snapshot!": "មិនអាចរក្សាទុករូបភាពបានទេ",
    "Taking snapshot - this may take a few seconds": "កំពុងរៀបចំរូបភាព",
    Zoom: "ពង្រីក",
    "Zoom in": "ពង្រីក",
    "Zoom out": "បង្រួម",
    "Double-click to zoom back out": "ចុចពីរដងដើម្បីបង្រួមវិញ",
  },
  format: {
    days: ["អាទិត្យ", "ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍"],
    shortDays: ["អា", "ច", "អ", "ពុ", "ព្រ", "សុ", "ស"],
    months: [
      "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា",
      "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ",
    ],
    shortMonths: [
      "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា",
      "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ",
    ],
    date: "%d/%m/%Y",
    decimal: ".",
    thousands: ",",
  },
};
