const assert = require("node:assert");
const { next } = require("../counter");

describe("the counter", () => it("counts", () => assert.equal(next() + 1, next())));
