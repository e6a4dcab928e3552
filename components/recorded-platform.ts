import * as pulumi from "@pulumi/pulumi";
import { refusal } from "./refusal.js";

/**
 * Refuses to change the platform of a stack that exists: its resources would be deleted here and made anew there.
 * The stack's own output, read with `getOutputDetails`, says where it runs.
 * @throws RunError naming both platforms.
 */
export async function refuseOtherPlatform(wanted: string): Promise<void> {
  const itself = new pulumi.StackReference("itself", { name: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}` });
  const { value } = await itself.getOutputDetails("platform");
  if (typeof value === "string" && value !== wanted) {
    throw refusal(
      `"mission:platform" is "${wanted}", but stack "${pulumi.getStack()}" runs on "${value}". The platform of a stack is fixed when it is created; make another stack for "${wanted}".`,
    );
  }
}
