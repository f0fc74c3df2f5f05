// Choosing a commune, and what is known of it.

export const KM = {
  commune: "ឃុំ សង្កាត់",
  chooseCommune: "ជ្រើសឃុំ សង្កាត់",
  searchPlace: "វាយឈ្មោះឃុំ ឬលេខកូដ",
  placesMissing: "បញ្ជីឃុំមិនទាន់មានលើទូរស័ព្ទនេះទេ។ សូមភ្ជាប់អ៊ីនធឺណិតម្តង។",
  communeHelp: "ឃុំដែលអ្នកជ្រើស ទុកតែលើទូរស័ព្ទនេះ។",
  offices: "ការិយាល័យ និងកន្លែងផ្តល់សេវា",
  scorecard: "ប័ណ្ណដាក់ពិន្ទុរបស់ឃុំ",
  scorecardHelp: "អ្វីដែលប្រជាពលរដ្ឋបានជួប ធៀបនឹងស្តង់ដារ។",
  communeOffline: "ព័ត៌មាននៃឃុំនេះមិនទាន់មានលើទូរស័ព្ទទេ។ សូមភ្ជាប់អ៊ីនធឺណិតម្តង។",
  other: "ជ្រើសផ្សេង",
  poster: "ផ្ទាំងផ្សព្វផ្សាយសម្រាប់បោះពុម្ព",
};

export const EN: Record<keyof typeof KM, string> = {
  commune: "Commune",
  chooseCommune: "Choose the commune",
  searchPlace: "Type the commune's name or code",
  placesMissing: "The list of communes is not on this phone yet. Connect to the internet once.",
  communeHelp: "The commune you choose is kept on this phone only.",
  offices: "Offices and providers",
  scorecard: "The commune's scorecard",
  scorecardHelp: "What citizens experienced, compared with the standard.",
  communeOffline: "This commune is not on the phone yet. Connect to the internet once.",
  other: "Choose another",
  poster: "Poster to print",
};
