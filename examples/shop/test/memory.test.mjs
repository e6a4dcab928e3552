import { createSigner } from "../src/shop/receipt.mjs";
import { createMemoryRepository } from "../src/storage/memory.mjs";
import { repositoryContract } from "./repository-contract.mjs";

const repository = createMemoryRepository(createSigner("test-key"));
repositoryContract("memory", () => repository);
