/** What a job of GitHub Actions may ask for more credentials with, and the token that it writes with. */
const JOB_CREDENTIALS = /^(GITHUB_TOKEN|GH_TOKEN|ACTIONS_(ID_TOKEN_REQUEST|RUNTIME)_.*|ACTIONS_RESULTS_URL)$/;

const PLATFORM_CREDENTIALS = /^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|PROFILE|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|SHARED_CREDENTIALS_FILE|CONTAINER_.*)|KUBECONFIG|NETLIFY_.*TOKEN|RAILWAY_.*TOKEN)$/;

/** Variables by which git is told of another repository than the one it stands in, as inside a git hook. */
const GIT_PLACES = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX"];

/**
 * The environment that commands of a codebase (build, test) get: the runner's own, without what belongs to the runner: PULUMI_* (among them
 * the passphrase and tokens), MISSION_*, the credentials of the platforms and those of the job it runs in. A build needs none of them, and code from anywhere runs in it.
 */
export function codebaseEnvironment(parent: NodeJS.ProcessEnv, added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => !/^(PULUMI|MISSION)_/.test(name) && !PLATFORM_CREDENTIALS.test(name) && !JOB_CREDENTIALS.test(name) && !GIT_PLACES.includes(name));
  return { ...Object.fromEntries(kept), ...added };
}
