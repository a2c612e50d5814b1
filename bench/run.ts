/** `bun run bench`: what we measure, each beside its floor in the same run, as a table and as JSON. */
import { parseArgs } from "node:util";
import { printTable, type Row, writeJson } from "./lib/report";
import { setStage } from "./lib/stage";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const stage = await setStage();
const seconds = Number(values.seconds);
const { floors } = await import("./rows/floors");
const { intake } = await import("./rows/intake");
const { logins } = await import("./rows/logins");
const { engine } = await import("./rows/engine");
const { decisions } = await import("./rows/decisions");
const { referrals } = await import("./rows/referrals");
const { books } = await import("./rows/books");
const { payouts } = await import("./rows/payouts");
const { settlements } = await import("./rows/settlements");

const rows: Row[] = [];
try {
    const [bare, insert] = await floors(seconds);
    rows.push(bare, insert);
    rows.push(...(await intake({ seconds, port: stage.port, bare, insert })));
    rows.push(...(await logins({ seconds, port: stage.port, insert })));
    rows.push(...engine(seconds / 2));
    rows.push(...(await decisions({ seconds, port: stage.port, insert })));
    rows.push(...(await referrals()));
    rows.push(...(await books({ seconds, insert })));
    rows.push(...(await payouts({ port: stage.port })));
    rows.push(...(await settlements({ port: stage.port })));
} finally {
    printTable(rows);
    console.log(`as JSON: ${writeJson(rows)}`);
    await stage.stop();
}
process.exit(0);
