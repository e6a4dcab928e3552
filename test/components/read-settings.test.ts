import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { readStackSettings } from "../../components/read-settings.js";

describe("the program's configuration", () => {
  const before = pulumi.runtime.allConfig();
  afterEach(() => pulumi.runtime.setAllConfig({ ...before }));

  const read = (config: Record<string, string>) => {
    pulumi.runtime.setAllConfig(config);
    return readStackSettings();
  };
  const padded = (length: number) => ({ "mission:environment": "staging", "other:text": "x".repeat(length) });

  it("is refused above 64 KiB, in one sentence with its size, and read at 64 KiB", () => {
    const most = 64 * 1024 - JSON.stringify(padded(0)).length;
    assert.equal(read(padded(most)).settings.environment, "staging");
    assert.throws(() => read(padded(most + 1)), (error) => error instanceof pulumi.RunError && /^The configuration of stack "[^"]*" has 65,537 bytes; the largest allowed is 65,536 \(64 KiB\)\. Shorten its variables and commands, or split the application\.$/.test(error.message));
  });
});
