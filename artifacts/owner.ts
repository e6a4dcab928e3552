import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { errorCode } from "./artifact-error.js";

/** Who a temporary folder or a lock belongs to: a process, told apart from a later one with the same id by when it started. */
export interface Owner {
  /** Hash of the machine's name. */
  readonly machine: string;
  readonly pid: number;
  /** Hash of the time the process started and of the machine's start. */
  readonly started: string;
}

const FORM = /^([0-9a-f]{12})\.(\d+)\.([0-9a-f]{12})\.[0-9a-f]{12}$/;

/**
 * A name for a file or folder that belongs to a process, this one by default; another one at each call.
 * @throws Error when there is no such process, or the system does not tell when it started
 */
export async function ownName(pid = process.pid): Promise<string> {
  const started = await startOf(pid);
  if (started === null) throw new Error(`When process ${pid} started cannot be found out: neither /proc nor ps tells.`);
  return [short(hostname()), pid, started, randomBytes(6).toString("hex")].join(".");
}

/** The owner that a name from `ownName` tells of; null for any other name. */
export function ownerOf(name: string): Owner | null {
  const [, machine, pid, started] = FORM.exec(name) ?? [];
  return machine && pid && started ? { machine, pid: Number(pid), started } : null;
}

/** Whether the owner has ended for certain. Of another machine's processes, and of hidden ones, nothing is known: false. */
export async function isDead(owner: Owner): Promise<boolean> {
  if (owner.machine !== short(hostname())) return false;
  const started = await startOf(owner.pid);
  return started === null ? !isHidden(owner.pid) : started !== owner.started;
}

/** Whether a process exists that this user may not look at. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Null when there is no such process, or only its exit status is left of it. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== "linux") {
    const text = await new Promise<string>((resolve) => execFile("ps", ["-o", "lstart=", "-p", String(pid)], { env: { ...process.env, LC_ALL: "C", TZ: "UTC" } }, (_error, out) => resolve(out.trim())));
    return text === "" ? null : short(text);
  }
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (status === null) return null;
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return fields[0] === "Z" || fields[0] === "X" ? null : short(`${boot.trim()} ${fields[19] ?? ""}`);
}

function short(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
