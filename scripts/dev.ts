/**
 * `npm run dev`: everything that Commend needs, on this machine, from nothing. With `DATABASE_URL` or `RPC_URL`
 * set, those are used instead of our own. `--fresh` begins again.
 */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { developmentEnvironment } from "./development/environment";
import { startServers } from "./development/servers";

const startedAt = performance.now();
const folder = resolve(process.env["DATA_DIR"] || ".commend");
const step = (text: string) => console.log(`commend  ${text}`);

if (process.argv.includes("--fresh")) {
    step(`forgetting everything in ${folder}`);
    rmSync(folder, { recursive: true, force: true });
}

process.env = { ...process.env, ...developmentEnvironment(folder) };
await startServers(folder, step);

step("bringing the database up to date");
const { migrate } = await import("@/infrastructure/persistence/migrate");
await migrate(process.env["DATABASE_URL"] ?? "");
step("putting the contracts in place");
const { prepareChain } = await import("./development/prepareChain");
await prepareChain(step);
step("starting the server");
await import("@/index");
step("opening the demo shop");
const { openDemoShop } = await import("./development/openDemoShop");
const demo = await openDemoShop();

const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
const url = process.env["PUBLIC_URL"];
step(`ready in ${seconds} s

  API        ${url}/swagger
  Demo       ${url}/demo
  Health     ${url}/ready
  Merchant   ${demo.merchantId} (${demo.name}, ${demo.domain})
  Webhook    ${url}/external/v1/merchants/${demo.merchantId}/webhooks/shopify
  Secret     ${demo.webhookSecret}

  Domains under .localhost count as proven, prices are made up, and test tokens are free: this is development.
`);
