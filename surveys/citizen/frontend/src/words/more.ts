// Officials' mode, voices, and what the app is.

export const KM = {
  officials: "របៀបសម្រាប់មន្ត្រី",
  officialsHelp: "បង្ហាញប៊ូតុងបោះពុម្ពសម្រាប់ប្រជាពលរដ្ឋនៅបញ្ជរ និងផ្ទាំងផ្សព្វផ្សាយរបស់ការិយាល័យនៅក្នុងឃុំ សង្កាត់របស់ខ្ញុំ។",
  officialsWaiting: "សំណើដែលកំពុងរង់ចាំនៅការិយាល័យរបស់ខ្ញុំ (ត្រូវចូលគណនី)",
  keepVoices: "ទុកសំឡេងទាំងអស់លើទូរស័ព្ទនេះ",
  voicesKept: "សំឡេងទាំងអស់នៅលើទូរស័ព្ទហើយ។",
  deleteAll: "លុបអ្វីៗទាំងអស់របស់ខ្ញុំពីទូរស័ព្ទនេះ",
  deleteAllSure: "លុបសំណើ គំនូស និងសារដែលមិនទាន់ផ្ញើទាំងអស់ឬ?",
  deleted: "បានលុបអស់ហើយ។",
  about: "កម្មវិធីនេះឯករាជ្យ។ តម្លៃ រយៈពេល និងឯកសារ មកពីប្រភពផ្លូវការដែលបានផ្សាយ។ គ្មានឈ្មោះប្រជាពលរដ្ឋត្រូវបានរក្សាទុកទេ។",
  websiteLink: "គេហទំព័រពេញ",
};

export const EN: Record<keyof typeof KM, string> = {
  officials: "Officials' mode",
  officialsHelp: "Shows a button that prints a handout for the citizen at the counter, and posters of the offices under My commune.",
  officialsWaiting: "Requests waiting at my office (sign in)",
  keepVoices: "Keep all voices on this phone",
  voicesKept: "All voices are on the phone.",
  deleteAll: "Delete all my data from this phone",
  deleteAllSure: "Delete all requests, ticks and messages not yet sent?",
  deleted: "Everything is deleted.",
  about: "This app is independent. Prices, days and documents come from published official sources. No citizens' names are kept.",
  websiteLink: "The full website",
};
