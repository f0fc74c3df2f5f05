// Words about reporting an experience in five taps.

export const KM = {
  tellService: "សេវាអ្វី?",
  tellCommune: "នៅឃុំ សង្កាត់ណា?",
  tellOffice: "កន្លែងណា?",
  tellGot: "តើអ្នកបានទទួលសេវាទេ?",
  tellDays: "ពេលណា?",
  tellSend: "ផ្ញើ",
  tellThanks: "អរគុណ។ ចម្លើយរបស់អ្នកជួយឲ្យសេវាប្រសើរឡើង។",
  tellKept: "រក្សាទុកលើទូរស័ព្ទ។ វានឹងផ្ញើដោយខ្លួនឯង ពេលមានអ៊ីនធឺណិត។",
  tellNoName: "យើងមិនសុំឈ្មោះអ្នកទេ។",
  tellAgain: "ប្រាប់រឿងមួយទៀត",
  step: "ជំហានទី {n} នៃ {m}",
};

export const EN: Record<keyof typeof KM, string> = {
  tellService: "Which service?",
  tellCommune: "In which commune?",
  tellOffice: "Where?",
  tellGot: "Did you get the service?",
  tellDays: "When?",
  tellSend: "Send",
  tellThanks: "Thank you. Your answers help to improve services.",
  tellKept: "Saved on the phone. It will be sent when there is a network.",
  tellNoName: "We do not ask for your name.",
  tellAgain: "Tell us something else",
  step: "Step {n} of {m}",
};
