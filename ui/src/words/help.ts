/** What the help page explains: how many steps and cautions a topic has. The words stand in the tables, `help_step.{topic}_{n}`. */
export type Topic = { id: string; steps: number; cautions: number };

export const topics: readonly Topic[] = [
  { id: "revoke", steps: 4, cautions: 7 },
  { id: "pdd_staff", steps: 8, cautions: 4 },
  { id: "aliexpress", steps: 9, cautions: 2 },
  { id: "link", steps: 5, cautions: 3 },
  { id: "paper", steps: 5, cautions: 2 },
];
