import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { raw } from "./html.mjs";

const FOLDER = new URL("./assets/", import.meta.url);

/** The style sheet, and its hash for the content security policy. */
export const style = readFileSync(new URL("shop.css", FOLDER), "utf8");
export const styleHash = `sha256-${createHash("sha256").update(style).digest("base64")}`;

const pictures = new Map(
  readdirSync(new URL("products/", FOLDER)).map((file) => [
    file.replace(/\.svg$/, ""),
    raw(readFileSync(new URL(`products/${file}`, FOLDER), "utf8").trim()),
  ]),
);

/**
 * The picture of a product as inline SVG; products that were added later may have none.
 * @param {string} product  id
 */
export function pictureOf(product) {
  return pictures.get(product) ?? raw("");
}
