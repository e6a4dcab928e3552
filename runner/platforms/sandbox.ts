import { perSlot } from "../../model/slot.js";
import { Split } from "../../model/split.js";
import { baseOf, ABSENT } from "../../model/rollout.js";
import { SandboxClient, SandboxRefusal, readOffline } from "../../sandbox/client.js";
import { artifactsDirectory, sandboxDirectory } from "../../sandbox/home.js";
import { toObserved } from "../../sandbox/observed.js";
import type { SandboxState } from "../../sandbox/protocol.js";
import { slotCounters } from "../../sandbox/slot-counters.js";
import { PlatformRefusal, type PlatformAdapter } from "./adapter.js";
import { sandboxProcessorUse } from "./sandbox-processor.js";

/** The adapter of the embedded platform. A sandbox that is recorded but does not run is started when it is asked anything. */
export function sandboxAdapter(sandbox: string): PlatformAdapter {
  const directory = sandboxDirectory(sandbox);
  const client = () => SandboxClient.ensure({ directory, artifacts: artifactsDirectory() });
  const state = async (): Promise<SandboxState | undefined> => ((await readOffline(directory)) === undefined ? undefined : (await client()).state());
  const adapter: PlatformAdapter = {
    capabilities: { weights: "any", slotRoutes: true, database: true, metricsGrainMs: 1_000, engineRemembersTraffic: false },
    async describe() {
      const found = await state();
      return found === undefined ? {} : toObserved(found);
    },
    async endpoints(service) {
      const found = (await state())?.services[service]?.endpoints;
      return found == null ? undefined : { production: found.production, slots: { blue: found.blue, green: found.green } };
    },
    async metrics(service) {
      const held = (await adapter.describe())[service]?.slots;
      if (held === undefined) return perSlot(() => null);
      try {
        const metrics = await (await client()).metrics();
        return perSlot((slot) => (held[slot] === null ? null : slotCounters(metrics, { service, slot, release: held[slot].spec.version })));
      } catch (error) {
        if (error instanceof SandboxRefusal) throw new PlatformRefusal("metrics", `The metrics of service "${service}" cannot be read: ${error.message}`);
        throw error;
      }
    },
    async saturation(service) {
      const found = await state();
      return found === undefined ? perSlot(() => null) : sandboxProcessorUse(found, service);
    },
    async testAlarm(service, id) {
      const alarms = Object.entries((await state())?.alarms ?? {}).flatMap(([name, alarm]) => (alarm.service === service ? [name] : []));
      const [first] = alarms.sort();
      if (first === undefined) throw new PlatformRefusal("no-alarm", `Service "${service}" has no alarm.`);
      try {
        return await (await client()).testAlarm(first, id);
      } catch (error) {
        if (error instanceof SandboxRefusal) throw new PlatformRefusal(error.code === "absent" ? "no-alarm" : error.code, error.message);
        throw error;
      }
    },
    async setSplit(service, { live, split }, base) {
      const before = (await adapter.describe())[service] ?? ABSENT;
      if (baseOf(before) !== base) {
        throw new PlatformRefusal("base", `Service "${service}" is no longer as it was when this was decided; look again and decide anew.`);
      }
      try {
        await (await client()).putSplit(service, { live, split: { blue: split.blue, green: split.green }, returnTo: before.live === live ? before.returnTo : null, base });
      } catch (error) {
        if (error instanceof SandboxRefusal) throw new PlatformRefusal(error.code, error.message);
        throw error;
      }
      const after = (await adapter.describe())[service];
      if (after?.split == null || !Split.of(after.split).equals(split) || after.live !== live) {
        throw new PlatformRefusal("not-applied", `Service "${service}": the sandbox accepted ${split.describe(live)} but reports ${after?.split?.describe(after.live ?? "blue") ?? "nothing"}.`);
      }
    },
    async database() {
      try {
        const now = await client();
        await now.putDatabase({ port: null });
        return (await now.databaseAccess()).url;
      } catch (error) {
        if (error instanceof SandboxRefusal) throw new PlatformRefusal("database", `The database of sandbox "${sandbox}" is not to be had: ${error.message}`);
        throw error;
      }
    },
  };
  return adapter;
}
