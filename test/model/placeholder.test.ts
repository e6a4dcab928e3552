import "../support/seed.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { placeholderIn } from "../../model/placeholder.js";

const REFUSED = [
  "CHANGEME", "change-me", "please change_me now", "ReplaceMe", "TODO", "todo", "TODO ask the team", "fix this, FIXME: later", "tbd", "xxx", "XXX", "sk_live_xxxxxxxx", "<api key>", "<...>",
  "https://<host>/path", "postgres://<user>@db", "${API_URL}", "https://${HOST}/", "{{ token }}", "your-key-here", "YOUR_TOKEN_HERE", "https://your-host-here/", "your-api-key",
  "https://example.com", "https://api.example.org/v1", "mail@example.net", "example.com", "http://payments.invalid", "payments.invalid:443", "https://api.example/", "db.test:5432",
];
const ALLOWED = [
  "Welcome", "Welcome to staging", "My todo list", "Put your order here", "<b>Hello</b> there", "text with 1 < 2 and 3 > 2", "https://api.shop.io/v1?x=y", "myexample.company.io", "https://contest.shop.io/", "latest", "exx", "0",
  "", "$HOME", "price: 5$", "https://examples.shop.io", "example.community.io", "a.testing.io", "invalid", "notes/example.md", "changes", "yourselves",
];

describe("a placeholder", () => {
  for (const value of REFUSED) it(`is found in ${JSON.stringify(value)}`, () => assert.notEqual(placeholderIn(value), null));
  for (const value of ALLOWED) it(`is not seen in ${JSON.stringify(value)}`, () => assert.equal(placeholderIn(value), null));

  it("is found with anything but letters, digits and marks of names around it, and what is shown of it is a part of the value", () => {
    fc.assert(
      fc.property(fc.constantFrom("change-me", "${API_URL}", "FIXME:", "sk_xxxxxx"), fc.constantFrom("", " ", "/", "=", "("), fc.constantFrom("", " ", ")", "/"), (middle, before, after) => {
        const found = placeholderIn(before + middle + after);
        return found !== null && (before + middle + after).includes(found.text);
      }),
    );
  });
});
