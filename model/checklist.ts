import { z } from "zod";
import { commandSchema } from "./command.js";
import type { Diagnostic } from "./diagnostic.js";
import { durationSchema } from "./duration.js";
import { nameSchema } from "./names.js";

const common = {
  id: nameSchema.describe("Name of the item: what --confirm and --waive take."),
  title: z.string().min(1).max(200).describe("What must be so, as a sentence or a part of one."),
};
const commandItemSchema = z.strictObject({
  ...common,
  command: commandSchema.describe("Must exit with 0; runs in the codebase. A text is run by /bin/sh."),
  timeout: durationSchema("1s", "1h").default("1m").describe("Time it may take, 1s to 1h. Default 1m."),
});
const fileItemSchema = z.strictObject({
  ...common,
  file: z.string().min(1).describe("File below the codebase that must be there."),
  contains: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional().describe("Text, or texts, that it must contain. Default: it only has to be there."),
});
const manualItemSchema = z.strictObject({
  ...common,
  manual: z.literal(true).describe("Only a person can tell: a release needs --confirm <id>, or --waive <id>=<reason>."),
});

/** One thing that must be so before a release goes to production. */
export const checklistItemSchema = z.union([commandItemSchema, fileItemSchema, manualItemSchema], {
  error: "allowed is {id, title} with one of command, file (and contains), manual: true",
});
export type ChecklistItem = z.output<typeof checklistItemSchema>;

/** `checklist.yaml` beside a codebase. */
export const checklistSchema = z
  .strictObject({ items: z.array(checklistItemSchema).min(1).describe("What must be so; each id once.") })
  .superRefine(({ items }, context) => {
    items.forEach(({ id }, index) => {
      if (items.findIndex((item) => item.id === id) < index) context.addIssue({ code: "custom", path: ["items", index, "id"], message: `is "${id}" once more; give each item an id of its own` });
    });
  });
export type Checklist = z.output<typeof checklistSchema>;

/** What people said of a checklist's items, by id. */
export interface ChecklistWords {
  readonly confirmed: readonly string[];
  /** With the reason. */
  readonly waived: Readonly<Record<string, string>>;
}

/** What is wrong with what people said: ids that are not known, reasons that are none, a confirmation of what is looked at by machine. */
export function checklistMistakes(checklist: Checklist | null, { confirmed, waived }: ChecklistWords): Diagnostic[] {
  const items = new Map(checklist?.items.map((item) => [item.id, item]));
  const known = items.size === 0 ? "there is no checklist.yaml" : `allowed is ${[...items.keys()].join(" or ")}`;
  const unknown = (option: string, id: string): Diagnostic[] => (items.has(id) ? [] : [{ path: `${option} ${id}`, message: `names no item of the checklist; ${known}.` }]);
  return [
    ...[...new Set(confirmed)].flatMap((id) => {
      const item = items.get(id);
      if (item === undefined) return unknown("--confirm", id);
      if (!("manual" in item)) return [{ path: `--confirm ${id}`, message: `confirms what is looked at by machine; leave it out, or waive the item with --waive ${id}=<reason>.` }];
      return Object.hasOwn(waived, id) ? [{ path: `--confirm ${id}`, message: "confirms an item that is waived as well; give one of the two." }] : [];
    }),
    ...Object.entries(waived).flatMap(([id, reason]) => [
      ...unknown("--waive", id),
      ...(items.has(id) && reason.trim() === "" ? [{ path: `--waive ${id}`, message: `has no reason; write --waive ${id}=<reason>.` }] : []),
    ]),
  ];
}
