import * as pulumi from "@pulumi/pulumi";
import { parseDuration } from "../../model/duration.js";
import type { EnvironmentSettings } from "../../model/environment-settings.js";
import { parseObserved } from "../../sandbox/observed.js";
import type { Platform } from "../platform.js";
import { SandboxAlarm, SandboxDatabase, SandboxSlot, SandboxTrafficSplit } from "./resources.js";

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
    slot(name, args, opts) {
      const timing = { progressDeadlineMs: parseDuration(settings.progressDeadline), drainMs: parseDuration(settings.drain) };
      return new SandboxSlot(name, { sandbox, environment: settings.environment, ...timing, ...args }, opts);
    },
    split(name, args, opts) {
      const { ports, headers, stickiness, accessLog } = settings.sandbox;
      const routing = { ports: ports[args.service] ?? {}, headers, stickinessMs: stickiness === null ? null : parseDuration(stickiness), accessLog };
      const resource = new SandboxTrafficSplit(name, { sandbox, ...routing, ...args }, opts);
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
