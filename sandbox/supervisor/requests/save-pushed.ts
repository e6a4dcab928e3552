import type { Context } from "../context.js";
import { conflict, Refusal } from "../refusal.js";
import { RouterRefusal } from "../router-link.js";
import type { Save } from "../state-store.js";
import { serviceOf, type State } from "../state.js";

/**
 * Records a change of routes or split and has the router take it; when the router does not, what is recorded goes back to what it was.
 * @throws Refusal
 */
export async function savePushed(context: Context, save: Save, next: State): Promise<void> {
  const before = context.store.current;
  await save(next);
  try {
    await context.router.push();
  } catch (error) {
    await save(before);
    context.router.nudge();
    throw error instanceof RouterRefusal ? refusalOf(error, next) : error;
  }
}

function refusalOf(error: RouterRefusal, state: State): Refusal {
  if (error.port === null) return conflict("router", `The router refuses the change: ${error.message} Everything is as before.`);
  return portRefusal(error.port, whoseRoute(state, error.port));
}

/** A port that is in use by somebody else. */
export function portRefusal(port: number, route: string): Refusal {
  return conflict("port", `Port ${port} (${route}) is in use on 127.0.0.1; free it or choose another. Everything is as before.`, { port });
}

function whoseRoute(state: State, port: number): string {
  for (const service of Object.keys(state.services)) {
    for (const [route, given] of Object.entries(serviceOf(state, service).routing?.ports ?? {})) if (given === port) return `${route} of service "${service}"`;
  }
  return "of the routing table";
}
