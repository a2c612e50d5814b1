import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const alias = { "@/": folder("./src/"), "@contracts/": folder("./contracts/") };
/** Touches neither the database nor the environment, so it needs neither. */
const bare = ["test/utils/**", "test/architecture/**", "test/chain/**", "test/fixtures/**"].map(
    (path) => `${path}/*.test.ts`
);

export default defineConfig({
    resolve: { alias },
    test: {
        pool: "threads",
        maxWorkers: 2,
        testTimeout: 20_000,
        hookTimeout: 20_000,
        projects: [
            {
                extends: true,
                test: { name: "bare", include: bare, exclude: ["test/architecture/canary/**"] },
            },
            {
                extends: true,
                test: {
                    name: "postgres",
                    include: ["test/**/*.test.ts"],
                    exclude: bare,
                    globalSetup: "test/globalSetup.ts",
                    setupFiles: "test/setup.ts",
                },
            },
        ],
    },
});
