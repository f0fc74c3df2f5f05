// Words about the commune's commitments.

export const KM = {
  commitments: "អ្វីដែលឃុំបានសន្យា",
  commitmentsHelp: "គេថាធ្វើរួចហើយ។ តើពិតទេ? ចម្លើយរបស់អ្នកគ្មានឈ្មោះ។",
  commitmentDone: "ធ្វើរួច",
  commitmentHalf: "បានពាក់កណ្តាល",
  commitmentNot: "មិនបានធ្វើ",
  commitmentUnknown: "មិនដឹង",
  commitmentThanks: "អរគុណ។ អ្នកបានឆ្លើយថា៖ {kind}",
  commitmentUnchecked: "ការសន្យាលេខ {n}",
  commitmentPromised: "សន្យាក្នុងខែ {month}",
  commitmentsAll: "មើលការសន្យាទាំងអស់",
};

export const EN: Record<keyof typeof KM, string> = {
  commitments: "What the commune promised",
  commitmentsHelp: "These are said to be done. Is it true? Your answer has no name.",
  commitmentDone: "Done",
  commitmentHalf: "Half done",
  commitmentNot: "Not done",
  commitmentUnknown: "Don't know",
  commitmentThanks: "Thank you. You answered: {kind}",
  commitmentUnchecked: "Commitment number {n}",
  commitmentPromised: "Promised for {month}",
  commitmentsAll: "See all commitments",
};
