/** Name of the stack that a resource belongs to. @throws RangeError for what is no URN */
export function stackOf(urn: string): string {
  const [, stack] = /^urn:pulumi:([^:]+)::/.exec(urn) ?? [];
  if (stack === undefined) throw new RangeError(`"${urn}" is no URN of a resource.`);
  return stack;
}
