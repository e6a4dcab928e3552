/** A length of time for people: `850 ms`, `12.3 s`, `4 min 5 s`, `5 min`, `2 h 3 min`. */
export function span(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`;
  const seconds = Math.round(milliseconds / 1_000);
  const two = (large: string, rest: number, unit: string) => (rest === 0 ? large : `${large} ${rest} ${unit}`);
  if (seconds < 3_600) return two(`${Math.floor(seconds / 60)} min`, seconds % 60, "s");
  return two(`${Math.floor(seconds / 3_600)} h`, Math.floor((seconds % 3_600) / 60), "min");
}

/** A moment since a mission began: `+0:42`, `+1:03:07`. */
export function offset(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return h > 0 ? `+${h}:${two(m)}:${two(s)}` : `+${m}:${two(s)}`;
}

/** A share from 0 to 1 as percent. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** A number with at most four digits that say something; other values as they are. */
export function plain(value: number | string | boolean | null): string {
  if (value === null) return "no data";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** A moment, ISO 8601, to the second and in UTC. */
export function moment(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? "at an unknown time" : `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
