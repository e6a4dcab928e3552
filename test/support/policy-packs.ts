import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../runner/engine/engine-environment.js";

const onService = (work: string) => `(args, report) => { if (args.type === "mission:index:BlueGreenService") { ${work} } }`;
const policy = (name: string, validate: string, more = "") => `{ name: "${name}", description: "Something must hold.", enforcementLevel: "mandatory", ${more} validateResource: ${validate} }`;

/** Policies of small real packs, as the program of the pack has them. */
export const POLICIES = {
  allows: policy("anything-goes", onService("")),
  /** Refuses every raise in production. */
  deniesRaises: policy("no-raise", onService(`if (args.props.environment === "production" && args.props.transition === "raise") report("the candidate of " + args.props.service + " may not get more traffic.")`)),
  throws: policy("thrower", onService(`throw new Error("the store is not there")`)),
  disabled: `{ name: "off", description: "Something must hold.", enforcementLevel: "disabled", validateResource: (args, report) => report("never said") }`,
  advises: `{ name: "adviser", description: "Something should hold.", enforcementLevel: "advisory", validateResource: ${onService(`report("it could be nicer.")`)} }`,
  empty: "",
} as const;

/** Writes a policy pack with these policies into a folder, in place of the one that is there. */
export function writePack(folder: string, policies: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\ndescription: A pack of the tests\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "test-pack", version: "1.0.0", main: "index.js" }));
  writeFileSync(join(folder, "index.js"), `const { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack("test-pack", { policies: [${policies.filter((each) => each !== "").join(",\n")}] });\n`);
}

/** A pack in a folder of its own, for what takes a folder. */
export function packFolder(policies: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "mission-pack-"));
  writePack(folder, policies);
  symlinkSync(join(projectRoot(), "node_modules"), join(folder, "node_modules"));
  return folder;
}

/**
 * A checkout of this project with a pack of its own, or with none: its `policies` folder is all that differs. Whoever made it removes it.
 * @param policies null: no pack at all
 */
export function checkoutWithPack(policies: readonly string[] | null): string {
  const root = projectRoot();
  const folder = mkdtempSync(join(tmpdir(), "mission-checkout-"));
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "sandbox", "plugin"), join(folder, "sandbox", "plugin"), { recursive: true });
  for (const name of ["Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml", "package.json"]) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  setPack(folder, policies);
  return folder;
}

/** A checkout of this project with its own pack, and a configuration of that pack that a test may write. Whoever made it removes it. */
export function checkoutWithOwnPack(packYaml: string): string {
  const folder = checkoutWithPack(null);
  const policies = join(folder, "policies");
  mkdirSync(policies);
  for (const name of ["PulumiPolicy.yaml", "package.json"]) cpSync(join(projectRoot(), "policies", name), join(policies, name));
  writeFileSync(join(policies, "pack.yaml"), packYaml);
  return folder;
}

/** Gives a checkout another pack. */
export function setPack(checkout: string, policies: readonly string[] | null): void {
  rmSync(join(checkout, "policies"), { recursive: true, force: true });
  if (policies !== null) writePack(join(checkout, "policies"), policies);
}
