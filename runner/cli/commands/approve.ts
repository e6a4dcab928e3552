import { PREDICATE } from "../../../evidence/predicate-types.js";
import { EXIT, UserError } from "../../errors.js";
import { directoryEvidenceStore } from "../../evidence/evidence-store.js";
import { DEVELOPMENT } from "../../evidence/keys.js";
import { keyFor } from "../../evidence/named-keys.js";
import { recordApproval } from "../../evidence/record-approval.js";
import { findUnfinished } from "../../mission/find-mission.js";
import { Requests } from "../../mission/requests.js";
import { weightStepOf } from "../../mission/step-names.js";
import { evidenceDirectory } from "../../store/open-store.js";
import { configAskingForApproval } from "../../policies/pack-approval.js";
import { packDirectory } from "../../policies/policy-pack.js";
import { who } from "../../who.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission approve`. */
export interface ApproveOptions {
  /** Agrees to the plan, instead of the step that is waited for. */
  readonly plan?: boolean;
  /** Name of the key that signs. */
  readonly key?: string;
}

/** Lets a mission that waits for a person take its next step, or agrees to its plan before production begins; signed either way. */
export async function approve(what: string | undefined, { plan = false, key = DEVELOPMENT }: ApproveOptions, terminal: Terminal): Promise<void> {
  const { folder, record } = await findUnfinished(what);
  const requests = new Requests(folder.path("requests"));
  const desk = { store: directoryEvidenceStore(evidenceDirectory()), key: await keyFor(key, [PREDICATE.approval]) };
  const waiting = requests.waiting();
  if (plan || waiting?.weight === null) {
    if (record.lines.some(({ line }) => line.kind === "intent" && weightStepOf(line.id)?.phase === "production")) {
      throw new UserError(EXIT.refused, `Mission "${folder.id}" gives users the candidate already; its plan can be approved only before that. Look at it: ./mission status ${folder.id}`);
    }
    const { reference, digest } = await recordApproval(desk, record, configAskingForApproval(packDirectory()));
    await requests.approvePlan({ by: who(), at: new Date().toISOString(), evidence: reference });
    terminal.say(`Approved: plan ${digest.slice("sha256:".length, 19)} of mission "${folder.id}". It is signed.`);
    return;
  }
  if (waiting === null) throw new UserError(EXIT.refused, `Mission "${folder.id}" waits for nobody's approval now; look at it: ./mission status ${folder.id}`);
  const { reference } = await recordApproval(desk, record);
  await requests.approve({ by: who(), step: waiting.step, at: new Date().toISOString(), evidence: reference });
  terminal.say(`Approved: mission "${folder.id}" goes on to ${waiting.weight} %.`);
}
