const DAY_MS = 86_400_000;

/** Every day of a period with its sum of a figure, those without any too. */
export function byDay<Row extends { day: string | null }>(
  first: string,
  last: string,
  rows: Row[],
  figure: (row: Row) => number,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) if (row.day) sums.set(row.day, (sums.get(row.day) ?? 0) + figure(row));
  const days: [string, number][] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const iso = new Date(at).toISOString().slice(0, 10);
    days.push([iso, sums.get(iso) ?? 0]);
  }
  return days;
}

/** Return the first day of a period that ends today, in UTC. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}
