/** Moments at which a test can have the supervisor die. */
export type Failpoint = "state-saved" | "instance-spawned" | "router-spawned" | "database-spawned" | "router-file-written" | "split-applied" | "secrets-saved";

const passed = new Map<Failpoint, number>();

/**
 * Kills this process with SIGKILL when `MISSION_FAILPOINT` names this moment (`state-saved`, or `state-saved#2` for the second time it comes)
 * and `MISSION_TEST` is 1; otherwise does nothing.
 */
export function failpoint(name: Failpoint): void {
  if (process.env["MISSION_TEST"] !== "1") return;
  const times = (passed.get(name) ?? 0) + 1;
  passed.set(name, times);
  const [wanted, time = "1"] = (process.env["MISSION_FAILPOINT"] ?? "").split("#");
  if (wanted === name && Number(time) === times) process.kill(process.pid, "SIGKILL");
}
