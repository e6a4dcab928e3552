import { z } from "zod";
import { nameSchema } from "../../model/names.js";
import { formatObserved, toObserved } from "../observed.js";
import { peek, running } from "./connection.js";
import type { FunctionHandler } from "./handler.js";

const argsSchema = z.strictObject({ sandbox: nameSchema, start: z.boolean() });

/** `sandbox:index:observe`: what is really live. With `start`, a sandbox that is recorded but does not run is started. */
export const observe: FunctionHandler = async (args) => {
  const { sandbox, start } = argsSchema.parse(args);
  let state = await peek(sandbox);
  if (state !== undefined && start) state = await (await running(sandbox)).state();
  return { services: formatObserved(state === undefined ? {} : toObserved(state)) };
};
