import type { Me, PersonView, PostsPage, PostView } from "../host";
import { day } from "../i18n/format";
import { t, word } from "../i18n/index.svelte";

/** The name of a post: an own one's, or the window's word for a built-in one. */
export function postName(post: Pick<PostView, "id" | "name">): string {
  return post.name || (post.id === "" ? t("people.own_ticks") : word("post", post.id));
}

/** What a post gives; nothing for one that is not there. */
export function rightsOfPost(page: PostsPage, id: string): readonly string[] {
  return page.posts.find((p) => p.id === id)?.rights ?? [];
}

/** How far the certification is, and how long there is time. */
export function standing(of: Pick<PersonView | Me, "standing" | "certify_by">, now: number): { kind: "ok" | "wait" | "stop"; text: string } {
  if (of.standing === "certified") return { kind: "ok", text: t("standing.certified") };
  if (of.standing === "overdue") return { kind: "stop", text: t("standing.overdue") };
  // Whole days by China's calendar, as the desk counts: on the last one there are none left.
  const dayOf = (at: number) => Math.floor((at + 8 * 3_600_000) / 86_400_000);
  const days = dayOf(of.certify_by - 1) - dayOf(now);
  if (days <= 0) return { kind: "wait", text: t("standing.last_day") };
  return { kind: "wait", text: t("standing.until", { n: days, day: day(of.certify_by - 1) }) };
}

/** Minutes of the day as they are typed: `09:30`. */
export function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** What was typed, in minutes; nothing for what is no time. `24:00` is the end of a day. */
export function minutes(typed: string): number | null {
  const found = /^(\d{1,2})[:：](\d{2})$/.exec(typed.trim());
  if (!found) return null;
  const at = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) < 60 && at <= 1440 ? at : null;
}
