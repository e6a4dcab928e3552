import type { EnvironmentSettings } from "../model/environment-settings.js";
import type { Platform } from "./platform.js";
import { refusal } from "./refusal.js";

/**
 * Loads the platform a stack uses, and only that one: no module or plugin of another is touched.
 * @throws RunError for a platform that this version does not have.
 */
export async function loadPlatform(stack: string, settings: EnvironmentSettings): Promise<Platform> {
  switch (settings.platform) {
    case "sandbox": {
      const { sandboxPlatform } = await import("./sandbox/index.js");
      return sandboxPlatform(stack, settings);
    }
    case "aws": {
      // The settings' rules have refused a stack without it.
      if (settings.aws === undefined) throw refusal('"mission:aws" is missing.');
      const { awsPlatform } = await import("./aws/index.js");
      return awsPlatform(stack, settings, settings.aws);
    }
    case "kubernetes":
    case "netlify":
    case "railway":
      throw refusal(`"mission:platform" is "${settings.platform}", which this version does not have yet; available are "sandbox" and "aws".`);
  }
}
