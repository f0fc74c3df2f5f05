// Words of meetings and sessions, in Khmer and English; a test compares the two lists.
import { language, shown } from "../words";

const km = {
  title: "ជុំវាយតម្លៃ និងវគ្គផ្តល់ព័ត៌មាន",
  openRound: "បើកជុំដោយលេខកូដ", code: "លេខកូដ ៦ ខ្ទង់", open: "បើក", opened: "ជុំក្នុងថេប្លេតនេះ", none: "មិនទាន់បើកជុំណាទេ។",
  community: "ប្រជុំសហគមន៍", self_assessment: "បុគ្គលិកវាយតម្លៃខ្លួនឯង", interface: "ប្រជុំជួបគ្នា (អេក្រង់ធំ)", refresh: "ទាញយកថ្មី",
  begin: "ចាប់ផ្តើម", goOn: "បន្ត", state_open: "កំពុងធ្វើ", state_sending: "រង់ចាំផ្ញើ", state_sent: "បានផ្ញើ", state_handed: "បានប្រគល់ទៅថេប្លេតផ្សេង", takeBack: "យកមកវិញ",
  takeOver: "យកពីថេប្លេតផ្សេង", takeNumber: "លេខប្រគល់ ១៦ ខ្ទង់", wrongNumber: "លេខនេះមិនត្រឹមត្រូវទេ។ សូមពិនិត្យម្តងទៀត។",
  attendance: "អ្នកចូលរួម", standards: "អានស្តង់ដារ", criteria: "លក្ខណៈវិនិច្ឆ័យ", votes: "ដាក់ពិន្ទុ", notes: "ពិភាក្សា", finish: "បញ្ចប់ និងផ្ញើ", handOver: "ផ្អាក បន្តលើថេប្លេតផ្សេង",
  woman: "ស្រី", man: "ប្រុស", otherSex: "ភេទផ្សេង", noNames: "ចុចម្តងសម្រាប់មនុស្សម្នាក់ រួចសរសេរលេខលើស្ទីគ័រ។ កុំសរសេរឈ្មោះ។", sticker: "លេខ {n}", writeSticker: "សរសេរលេខ {n} លើស្ទីគ័រ",
  children: "ក្រោម ១៥", youth: "១៥–៣០", adults: "៣១–៥៩", elders: "៦០ ឡើង", poor_card: "ប័ណ្ណសមធម៌", disability: "ពិការភាព", minority: "ជនជាតិដើមភាគតិច", remove: "លុប", came: "មាន {n} នាក់",
  readFirst: "អានឲ្យគ្រប់គ្នាស្តាប់ មុនពេលដាក់ពិន្ទុ។", price: "តម្លៃ", concession: "តម្លៃសម្រាប់អ្នកមានសិទ្ធិបញ្ចុះ", time: "រយៈពេល", papers: "ឯកសារ", listen: "ស្តាប់", readDone: "បានអានរួច", noStandards: "មិនមានស្តង់ដារសម្រាប់អ្នកផ្តល់សេវានេះទេ។",
  chooseCriteria: "ជ្រើសរើសប្រាំ ឬប្រាំមួយ។", chosen: "បានជ្រើស {n}", ownCriterion: "លក្ខណៈវិនិច្ឆ័យរបស់ភូមិ", addText: "បន្ថែមជាអក្សរ", addVoice: "● ថតសំឡេង", whoRecords: "អ្នកសម្របសម្រួលនិយាយដោយខ្លួនឯង ជាភាសារបស់អ្នកភូមិ។ កុំថតសំឡេងអ្នកភូមិ៖ គេអាចស្គាល់សំឡេង។", stop: "■ ឈប់ថត", byVoice: "ជាសំឡេង", noMicrophone: "មិនអាចប្រើមីក្រូហ្វូនបានទេ។", add: "បន្ថែម",
  passRound: "ថេប្លេតមួយ បញ្ជូនគ្នា", cards: "លើកកាត រាប់ចំនួន", phones: "ទូរស័ព្ទផ្ទាល់ខ្លួន (QR)", next: "បន្ទាប់", start: "ចាប់ផ្តើម", pass: "បញ្ជូនថេប្លេតទៅលេខ {n}", allVoted: "គ្រប់គ្នាបានដាក់ពិន្ទុហើយ", votedOf: "{n} ក្នុង {m} នាក់បានដាក់ពិន្ទុ", chooseOther: "ជ្រើសលេខផ្សេង", backOne: "ថយក្រោយ", dontKnow: "មិនដឹង", noVoters: "សូមកត់ត្រាអ្នកចូលរួមជាមុន។", keepFirst: "សូមជ្រើសលក្ខណៈវិនិច្ឆ័យជាមុន។",
  soundsHere: "អាចស្តាប់ស្តង់ដារបាន ដោយគ្មានអ៊ីនធឺណិត។", soundsLeft: "កំពុងទាញយកសំឡេងស្តង់ដារ៖ {n} ក្នុង {m}។",
  secret: "ពិន្ទុនេះគ្មានឈ្មោះ។ ក្រោយផ្ញើ គ្មាននរណាអាចដឹងថាអ្នកណាដាក់ពិន្ទុប៉ុន្មានទេ។",
  howMany: "មានប៉ុន្មាននាក់លើកកាតនីមួយៗ?", cardVoters: "អ្នកលើកកាតសរុប", phoneHelp: "ស្កេនកូដនេះ រួចវាយលេខលើកាត។ ត្រូវការអ៊ីនធឺណិតលើទូរស័ព្ទ។", noCards: "មិនទាន់បោះពុម្ពកាតសម្រាប់ជុំនេះទេ។ សុំអ្នកសម្របសម្រួលគម្រោង។", usePhones: "មានអ្នកដាក់ពិន្ទុតាមទូរស័ព្ទ",
  strengths: "ចំណុចខ្លាំង", problems: "បញ្ហា", suggestions: "សំណូមពរ", write: "សរសេរនៅទីនេះ",
  missing: "នៅខ្វះ", nothingMissing: "គ្រប់គ្រាន់ហើយ។ អាចផ្ញើបាន។", send: "ផ្ញើកិច្ចប្រជុំ", days: "ថ្ងៃប្រជុំ", today: "បន្ថែមថ្ងៃនេះ",
  m_attendance: "មិនទាន់មានអ្នកចូលរួម។", m_readOut: "មិនទាន់អានស្តង់ដារ។", m_fewCriteria: "ត្រូវជ្រើសលក្ខណៈវិនិច្ឆ័យប្រាំ ឬប្រាំមួយ (នៅតិចពេក)។", m_manyCriteria: "ត្រូវជ្រើសលក្ខណៈវិនិច្ឆ័យប្រាំ ឬប្រាំមួយ (ច្រើនពេក)។", m_votes: "«{name}» មិនទាន់មានពិន្ទុ។", m_suggestions: "«{name}» មិនទាន់មានសំណូមពរ។", m_ballot: "មានម្នាក់កំពុងដាក់ពិន្ទុមិនទាន់ចប់។", m_tooMany: "«{name}» មានពិន្ទុច្រើនជាងអ្នកចូលរួម។",
  willSend: "នឹងផ្ញើដោយខ្លួនឯង ពេលមានអ៊ីនធឺណិត។", refused: "ម៉ាស៊ីនមេមិនទទួល៖",
  handNumber: "សរសេរលេខនេះលើក្រដាស។ ថេប្លេតផ្សេងត្រូវការវា៖", handHelp: "បើកជុំដដែលលើថេប្លេតផ្សេង ក្រោយពេលថេប្លេតនេះបានផ្ញើ រួចវាយលេខនេះ។ ម៉ាស៊ីនមេមិនដឹងលេខនេះទេ។", handSure: "ប្រគល់ឲ្យថេប្លេតផ្សេង", done: "រួចរាល់",
  faces1: "មិនពេញចិត្តខ្លាំង", faces2: "មិនពេញចិត្ត", faces3: "ទទួលយកបាន", faces4: "ពេញចិត្ត", faces5: "ពេញចិត្តខ្លាំង",
  criterion: "លក្ខណៈវិនិច្ឆ័យ", communityShort: "សហគមន៍", provider: "អ្នកផ្តល់សេវា", difference: "គម្លាត", compliance: "គោរពតាមស្តង់ដារ", inputs: "ធាតុចូល", notKnown: "មិនដឹង", noResults: "មិនទាន់មានលទ្ធផលទេ។ សូមផ្ញើកិច្ចប្រជុំ រួចទាញយកថ្មី។", fetched: "ទាញយកថ្ងៃ {day}", close: "បិទ", of: "{n} ក្នុង {m} {unit}", medianVotes: "{n} សំឡេង",
  followUp: "តាមដានការសន្យា (រៀងរាល់ត្រីមាស)", followUpHelp: "អានឲ្យគ្រប់គ្នាស្តាប់ រួចសុំឲ្យលើកដៃ។ ចុចម្តងសម្រាប់មនុស្សម្នាក់។ កុំសរសេរឈ្មោះ។", followUpNone: "គ្មានការសន្យាណារង់ចាំចម្លើយទេ។", followUpOld: "បញ្ជីថ្ងៃ {day}", f_done: "ធ្វើរួច", f_half: "បានពាក់កណ្តាល", f_notDone: "មិនបានធ្វើ", f_unknown: "មិនដឹង", followUpSave: "រក្សាទុកចម្លើយ {n} នាក់", followUpKept: "បានរក្សាទុក។ នឹងផ្ញើដោយខ្លួនឯង។", followUpUnchecked: "ការសន្យាលេខ {n}", followUpPromised: "សន្យាធ្វើរួចថ្ងៃ {day}", oneLess: "ដកមួយ",
  session: "កត់ត្រាវគ្គផ្តល់ព័ត៌មាន", sessionKind: "តើជាអ្វី?", information: "វគ្គផ្តល់ព័ត៌មាន", training: "វគ្គបណ្តុះបណ្តាល", commune: "ឃុំ សង្កាត់", where: "នៅកន្លែងណា? (មិនបង្ខំ)", day: "ថ្ងៃ", topic: "និយាយអំពីអ្វី?", trainer: "នរណាដឹកនាំ?", follows: "លេខវគ្គដែលអ្នកដឹកនាំបានរៀន (មិនបង្ខំ)", people: "មានមនុស្សប៉ុន្មាននាក់?", ofThem: "ក្នុងនោះ", handouts: "សម្ភារៈចែក និងចំនួន", material: "សម្ភារៈ", pieces: "ចំនួន", trained: "នរណាបានរៀនដើម្បីបង្រៀនបន្ត? (តួនាទី និងភូមិ មួយជួរម្នាក់)", save: "រក្សាទុក", saved: "បានរក្សាទុក។ នឹងផ្ញើដោយខ្លួនឯង។", needed: "សូមបំពេញ៖ {what}", moreThanCame: "ចំនួនតាមក្រុមលើសពីអ្នកចូលរួម។", myOut: "រង់ចាំផ្ញើ ឬត្រូវកែ", correct: "កែ",
};

const en: Record<keyof typeof km, string> = {
  title: "Rounds and information sessions",
  openRound: "Open a round by its code", code: "Code of 6 digits", open: "Open", opened: "Rounds on this tablet", none: "No round is open yet.",
  community: "Community meeting", self_assessment: "Self-assessment by staff", interface: "Interface meeting (large screen)", refresh: "Fetch again",
  begin: "Begin", goOn: "Go on", state_open: "under way", state_sending: "waiting to be sent", state_sent: "sent", state_handed: "handed to another tablet", takeBack: "Take back",
  takeOver: "Take over from another tablet", takeNumber: "Handover number, 16 digits", wrongNumber: "This number is not right. Check it again.",
  attendance: "Who came", standards: "Read the standards", criteria: "Criteria", votes: "Vote", notes: "Discuss", finish: "Finish and send", handOver: "Interrupt, go on with another tablet",
  woman: "Woman", man: "Man", otherSex: "Other", noNames: "Tap once for each person and write the number on a sticker. No names.", sticker: "Number {n}", writeSticker: "Write {n} on the sticker",
  children: "under 15", youth: "15–30", adults: "31–59", elders: "60 and older", poor_card: "Equity card", disability: "Disability", minority: "Ethnic minority", remove: "Delete", came: "{n} people",
  readFirst: "Read them to everybody before the vote.", price: "Price", concession: "Price for those entitled to a lower one", time: "Time", papers: "Documents", listen: "Listen", readDone: "We have read them", noStandards: "There are no standards for this provider.",
  chooseCriteria: "Keep five or six.", chosen: "{n} kept", ownCriterion: "The village's own criterion", addText: "Add in words", addVoice: "● Record", whoRecords: "Say it yourself, in the language of the village. Do not record a villager: a voice may be recognised.", stop: "■ Stop", byVoice: "by voice", noMicrophone: "The microphone cannot be used.", add: "Add",
  passRound: "This tablet, passed round", cards: "Raised cards, counted", phones: "Own phones (QR)", next: "Next", start: "Start", pass: "Pass the tablet to number {n}", allVoted: "Everybody has voted", votedOf: "{n} of {m} have voted", chooseOther: "Choose another number", backOne: "Back", dontKnow: "Don't know", noVoters: "Record who came first.", keepFirst: "Keep criteria first.",
  soundsHere: "The standards can be heard without a network.", soundsLeft: "Fetching the sounds of the standards: {n} of {m}.",
  secret: "This vote has no name. After it is sent nobody can find out who voted what.",
  howMany: "How many raised each card?", cardVoters: "People who raised cards", phoneHelp: "Scan this code, then type the number on your card. The phone needs a network.", noCards: "No ballot cards were printed for this round. Ask your coordinator.", usePhones: "Some vote on their phones",
  strengths: "Strengths", problems: "Problems", suggestions: "Suggestions", write: "Write here",
  missing: "Still missing", nothingMissing: "Nothing is missing. You can send it.", send: "Send the meeting", days: "Days of the meeting", today: "Add today",
  m_attendance: "Nobody is recorded yet.", m_readOut: "The standards were not read yet.", m_fewCriteria: "Keep five or six criteria (too few).", m_manyCriteria: "Keep five or six criteria (too many).", m_votes: "“{name}” has no votes yet.", m_suggestions: "“{name}” has no suggestion yet.", m_ballot: "Somebody has not finished voting.", m_tooMany: "“{name}” has more votes than people who came.",
  willSend: "It sends itself when there is a network.", refused: "The server did not take it:",
  handNumber: "Write this number on paper. The other tablet needs it:", handHelp: "Open the same round on the other tablet once this one has sent it, and type this number. The server does not know it.", handSure: "Hand over to another tablet", done: "Done",
  faces1: "very bad", faces2: "bad", faces3: "acceptable", faces4: "good", faces5: "very good",
  criterion: "Criterion", communityShort: "Community", provider: "Provider", difference: "Difference", compliance: "Kept its word", inputs: "Inputs", notKnown: "not known", noResults: "There are no results yet. Send the meeting, then fetch again.", fetched: "Fetched on {day}", close: "Close", of: "{n} of {m} {unit}", medianVotes: "{n} votes",
  followUp: "Follow up commitments (every quarter)", followUpHelp: "Read it out and ask for raised hands. Tap once for each person. No names.", followUpNone: "No commitment waits for an answer.", followUpOld: "List of {day}", f_done: "Done", f_half: "Half done", f_notDone: "Not done", f_unknown: "Don't know", followUpSave: "Save the answers of {n} people", followUpKept: "Saved. It sends itself.", followUpUnchecked: "Commitment number {n}", followUpPromised: "Promised for {day}", oneLess: "One less",
  session: "Record an information session", sessionKind: "What was it?", information: "Information session", training: "Training", commune: "Commune", where: "Where exactly? (optional)", day: "Day", topic: "What was it about?", trainer: "Who led it?", follows: "Number of the training of the trainer (optional)", people: "How many people came?", ofThem: "How many of them", handouts: "Materials handed out", material: "Material", pieces: "Pieces", trained: "Who was trained to repeat it? (role and village, one a line)", save: "Save", saved: "Saved. It sends itself.", needed: "Fill in: {what}", moreThanCame: "A group has more people than came.", myOut: "Waiting to be sent, or to be corrected", correct: "Correct",
};

export const WORDS = { km, en };
export type Word = keyof typeof km;

export function w(word: Word, values: Record<string, string | number> = {}): string {
  return WORDS[language()][word].replace(/\{(\w+)\}/g, (_all, name: string) => shown(values[name] ?? ""));
}

export const both = (pair: readonly string[]): string => (language() === "km" ? pair[0]! : pair[1] || pair[0]!);
