import { enableCompileCache } from "node:module";
import { compileCache } from "../engine/engine-environment.js";

// Imported for its effect, before everything that is large. Not by NODE_COMPILE_CACHE, which builds and tests of codebases would inherit.
enableCompileCache(process.env["NODE_COMPILE_CACHE"] ?? compileCache());
