/** Who answered some requests, by release; `failed` counts what is no 2xx. */
export interface Shares {
  readonly byRelease: Readonly<Record<string, number>>;
  readonly failed: number;
}

/** Sends requests one after the other and counts who answered. */
export async function shares(url: string, count: number): Promise<Shares> {
  const byRelease: Record<string, number> = {};
  let failed = 0;
  for (let sent = 0; sent < count; sent += 1) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok !== true) failed += 1;
    const release = response?.headers.get("x-mission-release") ?? "none";
    byRelease[release] = (byRelease[release] ?? 0) + 1;
  }
  return { byRelease, failed };
}

/** What must not change while a slot is in use: its processes, and when they started. */
export function processesOf(slot: { readonly processes: readonly { readonly pid: number | null; readonly startedAt: string }[] }): string {
  return JSON.stringify(slot.processes.map(({ pid, startedAt }) => [pid, startedAt]));
}
