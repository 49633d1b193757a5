/** Rows that are drawn at once: more would hold up keys and scans for as long as they take. */
export const STEP = 100;

/** How many rows of a long list are drawn by now: the first at once, the others step by step, between whatever else happens. */
export function reveal(total: () => number): { readonly count: number } {
  let count = $state(STEP);
  $effect(() => {
    if (count >= total()) return;
    const soon = setTimeout(() => (count += STEP), 16);
    return () => clearTimeout(soon);
  });
  return {
    get count() {
      return count;
    },
  };
}
