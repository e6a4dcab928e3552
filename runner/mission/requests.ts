import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evidenceReferenceSchema } from "../../model/evidence.js";
import { replaceFile } from "../replace-file.js";

const rollBackSchema = z.object({ by: z.string(), reason: z.string(), at: z.string() });
/** Somebody asks a mission to go back. */
export type RollBackRequest = z.output<typeof rollBackSchema>;

const approvalSchema = z.object({
  by: z.string(),
  step: z.string(),
  at: z.string(),
  /** The approval as it is signed; none from a version that did not sign. */
  evidence: evidenceReferenceSchema.optional(),
});
/** Somebody approves one step. */
export type Approval = z.output<typeof approvalSchema>;

const planApprovalSchema = z.object({ by: z.string(), at: z.string(), evidence: evidenceReferenceSchema });
/** Somebody agrees to a mission's plan before production is touched. */
export type PlanApproval = z.output<typeof planApprovalSchema>;

const waitingSchema = z.object({
  step: z.string(),
  /** Percent; null where it is the plan. */
  weight: z.number().nullable(),
   since: z.string(),
  until: z.string(),
});
/** What a mission waits for a person to approve. */
export type Waiting = z.output<typeof waitingSchema>;

/** What people ask of a mission, as files in its folder: whoever can read the store can ask, from any machine. */
export class Requests {
  constructor(private readonly directory: string) {}

  askRollBack(request: RollBackRequest): Promise<void> {
    return this.#write("roll-back", request);
  }

  /** Synchronous: it is looked at between any two steps. */
  rollBack(): RollBackRequest | null {
    return this.#read("roll-back", rollBackSchema);
  }

  approve(approval: Approval): Promise<void> {
    return this.#write("approve", approval);
  }

  approval(): Approval | null {
    return this.#read("approve", approvalSchema);
  }

  approvePlan(approval: PlanApproval): Promise<void> {
    return this.#write("approve-plan", approval);
  }

  planApproval(): PlanApproval | null {
    return this.#read("approve-plan", planApprovalSchema);
  }

  async wait(waiting: Waiting | null): Promise<void> {
    if (waiting === null) await rm(this.#file("waiting"), { force: true });
    else await this.#write("waiting", waiting);
  }

  waiting(): Waiting | null {
    return this.#read("waiting", waitingSchema);
  }

  #file(name: string): string {
    return join(this.directory, `${name}.json`);
  }

  #write(name: string, value: unknown): Promise<void> {
    return replaceFile(this.#file(name), `${JSON.stringify(value)}\n`);
  }

  #read<T>(name: string, schema: z.ZodType<T>): T | null {
    if (!existsSync(this.#file(name))) return null;
    return schema.parse(JSON.parse(readFileSync(this.#file(name), "utf8")));
  }
}
