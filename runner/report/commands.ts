/** The commands that a report names, in one place, so that no text names one that does not exist. */
export const COMMANDS = {
  status: (mission: string) => `./mission status ${mission}`,
  resume: (mission: string) => `./mission resume ${mission}`,
  approve: (mission: string) => `./mission approve ${mission}`,
  rollBack: (mission: string) => `./mission rollback ${mission}`,
  report: (mission: string) => `./mission report ${mission}`,
  show: (stack: string) => `./mission rollout show ${stack}`,
  restore: (stack: string) => `./mission rollout restore ${stack}`,
  retire: (stack: string) => `./mission rollout retire ${stack}`,
  unfreeze: (stack: string) => `./mission unfreeze ${stack} --reason "..."`,
  releaseHold: (stack: string) => `./mission release-hold ${stack} --reason "..."`,
  stopSandbox: (stack: string) => `./mission sandbox stop ${stack}`,
} as const;
