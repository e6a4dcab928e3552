import * as pulumi from "@pulumi/pulumi";
import { parseDuration } from "../../model/duration.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { parseObserved } from "../../sandbox/observed.js";
import type { Platform } from "../platform.js";
import { SandboxAlarm, SandboxDatabase, SandboxSlot, SandboxTrafficSplit } from "./resources.js";

/** Inputs of the split that say where traffic goes. */
const TRAFFIC = ["live", "split", "returnTo", "base"];

/** The embedded platform. `sandbox` names it: one sandbox per stack. */
export function sandboxPlatform(sandbox: string, settings: EnvironmentSettings): Platform {
  return {
    name: "sandbox",
    async observe() {
      // Outside a preview this also starts a sandbox that is recorded but does not run, after the machine was restarted, say.
      const result = await pulumi.runtime.invoke("sandbox:index:observe", { sandbox, start: !pulumi.runtime.isDryRun() }, { async: true });
      return parseObserved((result as { services: string }).services);
    },
    database: (name, opts) => new SandboxDatabase(name, { sandbox }, opts),
    slot(name, { kept, ...args }, opts) {
      const timing = { progressDeadlineMs: parseDuration(settings.progressDeadline), drainMs: parseDuration(settings.drain) };
      const inputs = { sandbox, environment: settings.environment, ...timing, ...args };
      // A slot with weight, or recorded live, is never changed: whatever this program or a newer one declares, the recorded inputs stay.
      const ignored = Object.keys(inputs).filter((input) => input !== "sandbox");
      return new SandboxSlot(name, inputs, { ...opts, additionalSecretOutputs: ["secrets"], ...(kept ? { ignoreChanges: ignored } : {}) });
    },
    split(name, { kept, ...args }, opts) {
      const { ports, headers, stickiness, accessLog } = settings.sandbox;
      const routing = { ports: ports[args.service] ?? {}, headers, stickinessMs: stickiness === null ? null : parseDuration(stickiness), accessLog };
      const resource = new SandboxTrafficSplit(name, { sandbox, ...routing, ...args }, { ...opts, ...(kept ? { ignoreChanges: TRAFFIC } : {}) });
      return {
        resource,
        live: resource.confirmed.apply(({ live }) => live),
        split: resource.confirmed.apply(({ split }) => split),
        endpoints: resource.endpoints,
      };
    },
    alarm: (name, args, opts) => new SandboxAlarm(name, { sandbox, ...args, targets: [...args.targets] }, opts),
  };
}
