import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missionHome } from "../../sandbox/home.js";

/** The checkout that this program was built in. */
export function projectRoot(): string {
  return join(__dirname, "..", "..", "..");
}

/**
 * Where Node keeps the compiled code of this program, its dependencies and the policy pack: in the checkout's packages, and so gone with them.
 * It takes two fifths off the time that a process needs to load @pulumi/pulumi. Node does without when it cannot write there.
 */
export function compileCache(): string {
  return join(projectRoot(), "node_modules", ".cache", "mission-deploy");
}

/** This machine's copy of a stack's file. */
export function stackFilePath(stack: string): string {
  return join(missionHome(), "config", `Pulumi.${stack}.yaml`);
}

/**
 * What the engine needs in its environment to work on a stack as the runner does: the same backend, passphrase and configuration file.
 * A backend or passphrase that the user has set is left alone.
 */
export function engineEnvironment(stack: string, configFile = stackFilePath(stack)): Record<string, string> {
  const own: Record<string, string> = {
    MISSION_HOME: missionHome(),
    PULUMI_OPTION_CONFIG_FILE: configFile,
    PULUMI_OPTION_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  if (process.env["NODE_COMPILE_CACHE"] === undefined) own["NODE_COMPILE_CACHE"] = compileCache();
  if (process.env["PULUMI_BACKEND_URL"] === undefined) own["PULUMI_BACKEND_URL"] = `file://${localBackend()}`;
  if (process.env["PULUMI_CONFIG_PASSPHRASE"] === undefined && process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] === undefined) {
    own["PULUMI_CONFIG_PASSPHRASE_FILE"] = passphraseFile();
  }
  return own;
}

/** The directory of the local backend, made when it is not there. */
function localBackend(): string {
  const directory = join(missionHome(), "state");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function passphraseFile(): string {
  const file = join(missionHome(), "passphrase");
  if (!existsSync(file)) {
    mkdirSync(missionHome(), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600, flag: "wx" });
    } catch (error) {
      // Another run was faster: its passphrase is ours too.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return file;
}
