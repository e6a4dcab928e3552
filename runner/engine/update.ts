import { projectRoot } from "./engine-environment.js";

/** How an update ended. */
export interface UpdateResult {
  readonly ok: boolean;
  /** What the engine called errors, one text each. */
  readonly errors: readonly string[];
}

/** Runs `up` on a stack by the Automation API. `onOutput` gets the engine's own words as they come. */
export async function update(stack: string, environment: Readonly<Record<string, string>>, onOutput: (text: string) => void): Promise<UpdateResult> {
  // Loaded here: it costs a second, which commands that never update need not pay.
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  const opened = await LocalWorkspace.selectStack({ stackName: stack, workDir: projectRoot() }, { envVars: { ...environment, PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true" } });
  const errors: string[] = [];
  try {
    await opened.up({
      color: "never",
      onOutput,
      onEvent(event) {
        const diagnostic = event.diagnosticEvent;
        if (diagnostic?.severity === "error") errors.push(diagnostic.message.trim());
      },
    });
    return { ok: true, errors };
  } catch (error) {
    if (errors.length === 0) errors.push(error instanceof Error ? error.message : String(error));
    return { ok: false, errors: [...new Set(errors)] };
  }
}
