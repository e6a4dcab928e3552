import { z } from "zod";
import { commandSchema } from "./command.js";
import { nameSchema } from "./names.js";

/**
 * How the database follows the code. The commands run inside the artifact of a service, so that what was validated is what is applied; they see
 * DATABASE_URL, and doing them again when there is nothing to do changes nothing.
 */
export const migrationsSchema = z.strictObject({
  service: nameSchema.describe("Service in whose artifact the commands run."),
  apply: commandSchema.describe("Applies every migration that is not applied yet; sees DATABASE_URL."),
  rollback: commandSchema.describe("Takes back what the last apply of this release added; sees DATABASE_URL."),
  class: z
    .enum(["expand", "contract", "irreversible"])
    .default("expand")
    .describe("expand: only adds, so that the release before still works. contract: takes away what no release uses any more. irreversible: cannot be rolled back. Only expand is deployed by this version. Default expand."),
});
export type Migrations = z.output<typeof migrationsSchema>;
