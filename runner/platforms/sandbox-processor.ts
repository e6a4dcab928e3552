import { readdir, readFile } from "node:fs/promises";
import type { ProcessorUse } from "../../model/processor-use.js";
import { perSlot, type PerSlot } from "../../model/slot.js";
import type { SandboxState } from "../../sandbox/protocol.js";
import { now } from "../prober/clock.js";

/** Ticks of /proc/<pid>/stat in a second: the kernel reports in USER_HZ, which is 100 on every architecture that Node runs on (`man 5 proc`). */
const TICKS = 100;

/** What /proc says of one process. */
interface Row {
  readonly parent: number;
  readonly session: number;
  /** Ticks since the machine started, so that a later process with the same pid is told apart. */
  readonly started: string;
  /** Its own time and that of its children that have ended. */
  readonly ticks: number;
}

/**
 * Processor time of the instances that a sandbox reports for a service, with everything that they started. Null for a slot without instances that
 * run, and where there is no /proc.
 */
export async function sandboxProcessorUse(state: SandboxState, service: string): Promise<PerSlot<ProcessorUse | null>> {
  const slots = state.services[service]?.slots;
  const rows = slots === undefined ? new Map<number, Row>() : await processes();
  const at = now();
  return perSlot((slot) => {
    const instances = (slots?.[slot].processes ?? []).flatMap(({ id, pid, leaving }) => {
      const row = pid === null || leaving ? undefined : rows.get(pid);
      return pid === null || row === undefined ? [] : [{ id: `${id}:${pid}:${row.started}`, seconds: ticksOf(pid, rows) / TICKS }];
    });
    return instances.length === 0 ? null : { at, instances };
  });
}

/** A process leads a session of its own when the sandbox starts it; what leaves the session stays below it in the tree. */
function ticksOf(leader: number, rows: ReadonlyMap<number, Row>): number {
  const isBelow = (pid: number): boolean => {
    const seen = new Set<number>();
    for (let at: number | undefined = pid; at !== undefined && at > 1 && !seen.has(at); at = rows.get(at)?.parent) {
      if (at === leader) return true;
      seen.add(at);
    }
    return false;
  };
  return [...rows].reduce((sum, [pid, row]) => (row.session === leader || isBelow(pid) ? sum + row.ticks : sum), 0);
}

async function processes(): Promise<ReadonlyMap<number, Row>> {
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(async (name) => [Number(name), parsed(await readFile(`/proc/${name}/stat`, "latin1").catch(() => ""))] as const));
  return new Map(found.flatMap(([pid, row]) => (row === undefined ? [] : [[pid, row] as const])));
}

function parsed(stat: string): Row | undefined {
  if (stat === "") return undefined; // It ended meanwhile.
  // Field 2 is the program's name in parentheses and may hold spaces and parentheses itself; what follows begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), session: Number(fields[3]), started: fields[19] ?? "", ticks };
}
