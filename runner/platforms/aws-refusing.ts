import { AwsError } from "../../aws/aws-error.js";
import { PlatformRefusal } from "./adapter.js";

/** What AWS refuses is the platform's refusal. @param code for programs; default: that of the failure */
export async function refusing<T>(ask: () => Promise<T>, code?: string): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AwsError) throw new PlatformRefusal(code ?? error.code, error.message);
    throw error;
  }
}
