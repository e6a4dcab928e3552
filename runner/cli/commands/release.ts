import { ArtifactStore } from "../../../artifacts/store.js";
import { stackName } from "../../../model/application.js";
import { shortDigest } from "../../../model/digest.js";
import { artifactsDirectory } from "../../../sandbox/home.js";
import { EXIT, UserError } from "../../errors.js";
import { openStack, stackOrigin } from "../../engine/stack.js";
import { buildRelease } from "../../release/build-release.js";
import { giveExampleSecrets } from "../../release/example-secrets.js";
import { readApplication } from "../../release/read-application.js";
import { writeRelease } from "../../release/write-release.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission release`. */
export interface ReleaseOptions {
  readonly version?: string;
  readonly config?: string;
  readonly stack?: readonly string[];
  readonly json?: boolean;
}

/** Builds a codebase, stores its artifacts, and writes the release into its stacks' files on this machine. */
export async function release(codebase: string, options: ReleaseOptions, terminal: Terminal): Promise<void> {
  const { application, diagnostics } = await readApplication(codebase, options.config);
  if (application === null) throw new UserError(EXIT.usage, `"${codebase}" cannot be released:`, diagnostics);
  const made = await buildRelease({
    codebase,
    ...(options.config === undefined ? {} : { configFile: options.config }),
    ...(options.version === undefined ? {} : { version: options.version }),
    store: new ArtifactStore(artifactsDirectory()),
    onOutput: (text) => process.stderr.write(text),
  });
  for (const [service, { digest }] of Object.entries(made.services)) terminal.say(`${made.application} ${made.version}: service "${service}" is ${shortDigest(digest)}`);

  const origins = options.stack?.map((stack) => stackOrigin(stack)) ?? (["staging", "production"] as const).map((environment) => ({ stack: stackName(application, environment), environment }));
  for (const origin of origins) {
    const stack = await openStack(origin.stack, origin);
    const given = await giveExampleSecrets(stack, made);
    if (given.length > 0) terminal.say(`Stack "${stack.name}" got random example values for the secrets ${given.join(", ")} (sandbox only).`);
    await writeRelease(stack.file, made);
    terminal.say(`Stack "${stack.name}" is configured for ${made.version}; what runs is as before. Deploy it with: ./mission pulumi up --stack ${stack.name}`);
  }
  if (options.json === true) terminal.print(JSON.stringify(made, null, 2));
}
