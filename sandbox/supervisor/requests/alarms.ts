import { isAbsolute, relative, resolve } from "node:path";
import { canonicalJson } from "../../../model/digest.js";
import type { AlarmRequest } from "../../protocol.js";
import type { Context } from "../context.js";
import { Refusal } from "../refusal.js";
import type { AlarmRecord } from "../state.js";

/** `PUT /v1/alarms/:name` @throws Refusal */
export async function putAlarm({ store, paths }: Context, name: string, request: AlarmRequest): Promise<void> {
  for (const target of request.targets) checkTarget(paths.directory, target);
  await store.exclusive(async (save) => {
    const recorded = Object.hasOwn(store.current.alarms, name) ? store.current.alarms[name] : undefined;
    if (recorded !== undefined && canonicalJson(recorded.request) === canonicalJson(request)) return;
    // Another limit is not another alarm: whether it is over is for the next look to say.
    const record: AlarmRecord = recorded === undefined ? { request, state: "insufficient-data", since: new Date().toISOString() } : { ...recorded, request };
    await save({ ...store.current, alarms: { ...store.current.alarms, [name]: record } });
  });
}

/** `DELETE /v1/alarms/:name` @throws Refusal */
export async function deleteAlarm({ store }: Context, name: string): Promise<void> {
  await store.exclusive(async (save) => {
    if (!Object.hasOwn(store.current.alarms, name)) throw new Refusal(404, `There is no alarm "${name}".`);
    const { [name]: _gone, ...alarms } = store.current.alarms;
    await save({ ...store.current, alarms });
  });
}

function checkTarget(directory: string, target: AlarmRequest["targets"][number]): void {
  if (target.type === "file") {
    const path = relative(directory, resolve(directory, target.path));
    if (!isAbsolute(target.path) && (path === "" || path.startsWith(".."))) throw new Refusal(400, `The file "${target.path}" of a notification leads out of the sandbox's directory; allowed is a path below it or an absolute one.`);
    return;
  }
  if (!/^https?:$/.test(URL.parse(target.url)?.protocol ?? "")) throw new Refusal(400, `A webhook's address is none; allowed is an http or https address.`);
}
