import type { ArtifactStore } from "../../artifacts/store.js";
import type { Observed } from "../../model/rollout.js";
import { specDigest } from "../../model/slot-spec.js";
import { worstVerdict, type GateResult, type Verdict } from "../../model/verdict.js";
import type { LiveSpecs } from "../mission/roll-back.js";

/** What a rollback would need now. */
export interface RollbackTarget {
  readonly observed: Observed;
  /** Digests of the SlotSpecs that were live before the mission, by service: the only thing that a rollback goes to. */
  readonly before: LiveSpecs;
  readonly artifacts: Pick<ArtifactStore, "verify">;
}

interface Found {
  readonly verdict: Verdict;
  readonly text: string;
}

/**
 * Gate `rollback-ready`: for each service, what was live before the mission is still in the live slot, with every instance ready, and its artifact, unless
 * that is an image, is in the store with the contents that its digest says. Without that nothing may get more traffic, because there would be no way back.
 */
export async function rollbackReady({ observed, before, artifacts }: RollbackTarget): Promise<GateResult> {
  const found = await Promise.all(Object.entries(before).map(([service, digest]) => look(service, digest, observed, artifacts)));
  const verdict = found.length === 0 ? "PASS" : worstVerdict(found.map((each) => each.verdict));
  const texts = found.filter((each) => each.verdict === verdict).map(({ text }) => text);
  return { gate: "rollback-ready", verdict, summary: texts[0] ?? "This is the first deployment: there is nothing to return to.", details: texts.slice(1), measured: { services: found.length } };
}

async function look(service: string, digest: string, observed: Observed, artifacts: RollbackTarget["artifacts"]): Promise<Found> {
  const now = observed[service];
  const held = now?.live == null ? null : now.slots[now.live];
  if (now?.live == null || held === null) return { verdict: "FAIL", text: `Service "${service}" has no live slot any more, so there is nothing to return to.` };
  if (specDigest(held.spec) !== digest) return { verdict: "FAIL", text: `The live slot "${now.live}" of service "${service}" holds release ${held.spec.version} with another configuration or another release than before the mission, so a rollback would not bring back what was there.` };
  if (!(held.instances > 0 && held.ready >= held.instances)) return { verdict: "FAIL", text: `The rollback target, slot "${now.live}" of service "${service}", has ${held.ready} of ${held.instances} instances ready; every one must be.` };
  const way = `Service "${service}" can return to release ${held.spec.version}: ${held.ready} of ${held.instances} instances of slot "${now.live}" are ready`;
  // An image lies in its registry; the instances that have it already are the proof.
  if (held.spec.image !== undefined) return { verdict: "PASS", text: `${way} and run its image.` };
  try {
    await artifacts.verify(held.spec.digest);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
    return { verdict: name === "ArtifactError" ? "FAIL" : "ERROR", text: `The artifact of the rollback target of service "${service}", release ${held.spec.version}, ${name === "ArtifactError" ? "is not there as it was" : "cannot be read"}: ${message}` };
  }
  return { verdict: "PASS", text: `${way}, its artifact is there.` };
}
