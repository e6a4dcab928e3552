import { readdir } from "node:fs/promises";
import { errorCode } from "../../artifacts/artifact-error.js";

/**
 * Files below a folder whose path matches a pattern, in order; `*` stands for any number of characters of one name, nothing else is special.
 * A name that begins with a dot is found only by a pattern that says so.
 * @param pattern relative, with `/` between its parts
 */
export async function filesMatching(root: string, pattern: string): Promise<string[]> {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  let found = [""];
  for (const part of parts) {
    const next = await Promise.all(found.map((path) => (part.includes("*") ? childrenOf(root, path, part) : [path === "" ? part : `${path}/${part}`])));
    found = next.flat();
  }
  return found.filter((path) => path !== "").sort();
}

async function childrenOf(root: string, folder: string, part: string): Promise<string[]> {
  const expression = new RegExp(`^${part.split("*").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`, "s");
  const names = await readdir(folder === "" ? root : `${root}/${folder}`).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return [];
    throw error;
  });
  return names.filter((name) => expression.test(name) && (part.startsWith(".") || !name.startsWith("."))).map((name) => (folder === "" ? name : `${folder}/${name}`));
}
