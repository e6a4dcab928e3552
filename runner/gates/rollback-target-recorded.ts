import type { Observed } from "../../model/rollout.js";
import type { GateResult } from "../../model/verdict.js";

/**
 * Gate `rollback-target-recorded`: for each service that serves, what a rollback goes back to is recorded and every instance of it is ready to take all
 * traffic again. A service that serves nothing yet has nothing to return to, which is said and passes.
 * @param services those of the release
 */
export function rollbackTargetRecorded(stack: string, services: readonly string[], observed: Observed): GateResult {
  const mistakes: string[] = [];
  const words: string[] = [];
  let targets = 0;
  for (const service of services) {
    const now = observed[service];
    const held = now?.live == null ? null : now.slots[now.live];
    if (now?.live == null) {
      words.push(`Service "${service}" has nothing to return to: it is deployed for the first time.`);
    } else if (held === null) {
      mistakes.push(`Service "${service}" of stack "${stack}" is recorded live in "${now.live}", but that slot holds nothing; look at it with: ./mission rollout show ${stack}`);
    } else if (held.instances < 1 || held.ready < held.instances) {
      mistakes.push(`Service "${service}" of stack "${stack}" could not go back: ${held.ready} of ${held.instances} instances of ${held.spec.version} in "${now.live}" are ready; wait until all are, or repair it first.`);
    } else {
      targets += 1;
      words.push(`Service "${service}" goes back to ${held.spec.version} in "${now.live}", ${held.ready} of ${held.instances} instances ready.`);
    }
  }
  const said = [...mistakes, ...words];
  return {
    gate: "rollback-target-recorded",
    verdict: mistakes.length > 0 ? "FAIL" : words.length > 0 ? "PASS" : "INCONCLUSIVE",
    summary: said[0] ?? "The release has no service, so there is nothing to say.",
    details: said.slice(1),
    measured: { services: services.length, targets, nothingToReturnTo: services.length - targets - mistakes.length },
  };
}
