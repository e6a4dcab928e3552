/** Moments at which a test can have the supervisor die. */
export type Failpoint = "state-saved" | "instance-spawned" | "router-spawned" | "database-spawned" | "router-file-written" | "split-applied" | "secrets-saved";

/** Kills this process with SIGKILL when `MISSION_FAILPOINT` names this moment and `MISSION_TEST` is 1; otherwise does nothing. */
export function failpoint(name: Failpoint): void {
  if (process.env["MISSION_TEST"] === "1" && process.env["MISSION_FAILPOINT"] === name) process.kill(process.pid, "SIGKILL");
}
