import { errorCode } from "../../artifacts/artifact-error.js";
import { EXIT, UserError } from "../errors.js";

/**
 * Does something that writes into the store of artifacts, and puts the system's refusals into words.
 * @throws UserError (missing) instead of system errors; what else is thrown goes through
 */
export async function writingToStore<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const why = code === "ENOSPC" || code === "EDQUOT" ? "the disk is full; free some space" : `the system says ${code}; make it a folder that can be written`;
    throw new UserError(EXIT.missing, `The store of artifacts "${directory}" cannot be written: ${why} and run it again.`);
  }
}
