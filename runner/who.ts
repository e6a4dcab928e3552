import { hostname, userInfo } from "node:os";

/** Who acts, for the record: the user of this process and the machine's name, such as `ada@build-1`. */
export function who(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may stand in no list of users.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
