import { EXIT, UserError } from "../../errors.js";
import { findUnfinished } from "../../mission/find-mission.js";
import { Requests } from "../../mission/requests.js";
import { who } from "../../who.js";
import type { Terminal } from "../terminal.js";

/** Lets a mission that waits for a person take its next step. */
export async function approve(what: string | undefined, terminal: Terminal): Promise<void> {
  const { folder } = await findUnfinished(what);
  const requests = new Requests(folder.path("requests"));
  const waiting = requests.waiting();
  if (waiting === null) throw new UserError(EXIT.refused, `Mission "${folder.id}" waits for nobody's approval now; look at it: ./mission status ${folder.id}`);
  await requests.approve({ by: who(), step: waiting.step, at: new Date().toISOString() });
  terminal.say(`Approved: mission "${folder.id}" goes on to ${waiting.weight} %.`);
}
