"use strict";

// The hash that a build carries. CommonJS without dependencies, so that the Pulumi program can check at its start
// whether its own build is stale; launcher/build.mjs uses the same function.

const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** Compiled together with the program, but what changes in them does not make the program stale. */
const COMPANIONS = ["test", "bench"];

/** What the compiler compiles, relative to the checkout: the `include` of tsconfig.json, which is plain JSON. */
function compiled(root) {
  return JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")).include;
}

/** What the program is built from, relative to the checkout. */
function sources(root) {
  return [...compiled(root).filter((path) => !COMPANIONS.includes(path)), "tsconfig.json", "package-lock.json"];
}

/** Relative paths, with `/`, of all files at or below `path`; hidden ones (swap files of editors) and packages are left out. */
function filesBelow(root, path) {
  let entries;
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    if (error.code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, `${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

/**
 * SHA-256 (hex) over the relative paths and contents of everything the program is built from.
 * @param {string} root the checkout
 * @returns {string}
 */
function sourceHash(root) {
  const hash = createHash("sha256");
  for (const path of sources(root).flatMap((source) => filesBelow(root, source)).sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * The hash that the build in `dist/` of this checkout carries; undefined when there is no finished build.
 * @param {string} root the checkout
 * @returns {string | undefined}
 */
function builtHash(root) {
  try {
    return JSON.parse(readFileSync(join(root, "dist", "build.json"), "utf8")).sources;
  } catch {
    return undefined;
  }
}

module.exports = { compiled, filesBelow, sourceHash, builtHash };
