import * as pulumi from "@pulumi/pulumi";
import { refuseStaleBuild } from "./components/build-check.js";
import { Environment } from "./components/environment.js";
import { loadPlatform } from "./components/load-platform.js";
import { readStackSettings } from "./components/read-settings.js";
import { refuseOtherPlatform } from "./components/recorded-platform.js";
import { refusal } from "./components/refusal.js";
import { formatDiagnostics } from "./model/diagnostic.js";
import { planEnvironment } from "./model/environment-plan.js";

/** The Pulumi program: the stack's configuration in, one Environment out. */
module.exports = async () => {
  refuseStaleBuild(__dirname);
  const stack = pulumi.getStack();
  const { settings, secrets, secret } = readStackSettings();
  const { environment, release, variables, instances: size, rollout, alarms, notifications, window, gates } = settings;
  await refuseOtherPlatform(settings.platform);
  if (release === undefined) {
    throw refusal(`Stack "${stack}" has no release yet; make one with: ./mission release <codebase>`);
  }
  const platform = await loadPlatform(stack, settings);
  const observed = await platform.observe();
  const plan = planEnvironment({ release, environment: { variables, secrets, size }, observed, rollout, kind: environment });
  if (!plan.ok) throw refusal(formatDiagnostics(`Nothing was changed in stack "${stack}":`, plan.refusals));
  const deployed = new Environment(release.application, { environment, release, services: plan.services, alarms, notifications, window, gates }, platform, secret);
  return {
    platform: settings.platform,
    release: { application: release.application, version: release.version, commit: release.commit },
    rollout: deployed.rollout,
    endpoints: deployed.endpoints,
  };
};
