import * as pulumi from "@pulumi/pulumi";

/**
 * A user's mistake: the engine prints the message and nothing else.
 *
 * The stack is dropped. The SDK formats it although it shows none for such an error, and on Node 22 that takes some 20 s and half a gigabyte: colouring a frame in
 * `node_modules/@pulumi/resource.ts` (a scope with no folder below it) does not end before the text is too long for Node.
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
