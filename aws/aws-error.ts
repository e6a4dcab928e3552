/** AWS says no, or nothing; the message is a sentence for a person. */
export class AwsError extends Error {
  constructor(
    /** For programs: `credentials`, `denied`, `throttled`, `absent` or `aws`. */
    readonly code: string,
    message: string,
    /** Whether AWS said no (4xx), or this program before it asked: then nothing was changed. A failure of AWS's own or a connection that broke says neither yes nor no. */
    readonly refused = true,
  ) {
    super(message);
    this.name = "AwsError";
  }
}

const CREDENTIALS = /^(ExpiredToken|ExpiredTokenException|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|CredentialsProviderError|TokenRefreshRequired|InvalidIdentityToken|MissingAuthenticationToken)/;
const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError)/;
const THROTTLED = /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled)/;

/** @param what subject of the sentence, such as `The listener rules of stack "shop-production"` */
export function awsError(what: string, error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const { name = "", message = String(error) } = error instanceof Error ? error : {};
  const status = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode ?? 0;
  const said = `${name}: ${message.trim().replace(/\.$/, "")}.`;
  if (CREDENTIALS.test(name)) return new AwsError("credentials", `${what} cannot be asked for: AWS does not take the credentials, or they are over (${said.slice(0, -1)}). Sign in again, then go on.`);
  if (DENIED.test(name)) return new AwsError("denied", `${what}: the credentials may not do this (${said.slice(0, -1)}). Give their role the permission.`);
  if (THROTTLED.test(name)) return new AwsError("throttled", `${what}: AWS still throttles after several tries (${said.slice(0, -1)}). Try again in a minute.`);
  return new AwsError("aws", `${what}: ${said}`, status >= 400 && status < 500);
}

/** Runs a question, and puts its failure into a sentence. */
export async function asking<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw awsError(what, error);
  }
}
