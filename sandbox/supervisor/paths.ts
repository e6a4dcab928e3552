import { join } from "node:path";

/** The files of one sandbox. All below its directory, which is mode 0700. */
export function sandboxPaths(directory: string) {
  const at = (...names: string[]) => join(directory, ...names);
  return {
    directory,
    /** What is wanted: services, slots, splits, alarms. The truth; written durably before anything is done. */
    state: at("state.json"),
    /** The state before the last change, for a person. */
    previousState: at("state.json.previous"),
    /** Which processes were started: pids, start times, ports. */
    processes: at("processes.json"),
    /** Where the supervisor answers. */
    supervisor: at("supervisor.json"),
    /** Bearer token of supervisor and router, mode 0600. */
    token: at("token"),
    /** The router's routing table. */
    routerConfig: at("router.json"),
    /** Where the router's admin interface answers; written by the router. */
    routerAdmin: at("router-admin.json"),
    /** Encrypted secrets and the key beside them. */
    secrets: at("secrets.json"),
    key: at("key"),
    database: at("postgres"),
    logs: at("logs"),
    supervisorLog: at("logs", "supervisor.log"),
    routerLog: at("logs", "router.log"),
    databaseLog: at("logs", "postgres.log"),
    instanceLog: (id: string) => at("logs", `${id}.log`),
  } as const;
}

/** See {@link sandboxPaths}. */
export type SandboxPaths = ReturnType<typeof sandboxPaths>;
