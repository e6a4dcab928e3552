import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { nameSchema } from "../../model/names.js";
import type { Observed, ObservedService } from "../../model/rollout.js";
import { specDigest } from "../../model/slot-spec.js";
import { EXIT, UserError } from "../errors.js";
import { replaceFile } from "../replace-file.js";
import { environmentsDirectory } from "./open-store.js";

/*
 * No platform records when a rollout was finished, and `keepWarm` counts from then. So it stands in the mission store, as `<stack>/finished.json`:
 * forgotten before a `finish`, written after it. Where a kill came in between, the finish counts from when it is first seen: too late, never too early.
 */

/** When each service's last rollout was finished (ISO 8601), and between which SlotSpecs. */
export type Finished = Readonly<Record<string, { readonly live: string; readonly returnTo: string; readonly at: string }>>;

const finishedSchema = z.record(nameSchema, z.strictObject({ live: z.string(), returnTo: z.string(), at: z.iso.datetime() }));

/** Forgets when these services were finished: they are about to be finished anew. */
export async function forgetFinished(stack: string, services: readonly string[]): Promise<void> {
  const kept = Object.entries(await readFinished(stack)).filter(([service]) => !services.includes(service));
  await writeFinished(stack, Object.fromEntries(kept));
}

/**
 * Records every finished rollout that the platform shows and nobody has recorded, as of now; what was restored, or replaced, is left out.
 * @returns what is recorded from here on
 */
export async function noteFinished(stack: string, observed: Observed, now: Date = new Date()): Promise<Finished> {
  const before = await readFinished(stack);
  const after = Object.fromEntries(
    Object.entries(observed).flatMap(([service, seen]) => {
      const live = liveSpec(seen);
      if (live === null || seen.returnTo === null) return [];
      const known = before[service];
      return [[service, known?.live === live && known.returnTo === seen.returnTo ? known : { live, returnTo: seen.returnTo, at: now.toISOString() }] as const];
    }),
  );
  await writeFinished(stack, after);
  return after;
}

/** Removes the record of a stack that is gone. */
export async function removeFinished(stack: string): Promise<void> {
  await rm(fileOf(stack), { force: true });
}

function liveSpec({ live, slots }: ObservedService): string | null {
  const held = live === null ? null : slots[live];
  return held === null ? null : specDigest(held.spec);
}

async function readFinished(stack: string): Promise<Finished> {
  const path = fileOf(stack);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return {};
  const parsed = finishedSchema.safeParse(json(text));
  if (parsed.success) return parsed.data;
  throw new UserError(EXIT.refused, `"${path}" of the mission store is not what was written there. Remove it: finished rollouts then count from when they are next seen.`);
}

async function writeFinished(stack: string, finished: Finished): Promise<void> {
  await replaceFile(fileOf(stack), `${JSON.stringify(finished, null, 2)}\n`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fileOf(stack: string): string {
  return join(environmentsDirectory(), nameSchema.parse(stack), "finished.json");
}
