/**
 * `bun run bench`: what we measure, each beside its floor in the same run, as a table and as JSON.
 * `bun run bench logins payouts` measures some of it; `--seconds 10` takes longer over each row.
 */
import { parseArgs } from "node:util";
import { printTable, type Row, writeJson } from "./lib/report";
import { setStage } from "./lib/stage";

const { values, positionals } = parseArgs({
    options: { seconds: { type: "string", default: "5" } },
    allowPositionals: true,
});
const seconds = Number(values.seconds);
const { port, stop } = await setStage();
const { floors } = await import("./rows/floors");
const [bare, insert] = await floors(seconds);
const rows: Row[] = [bare, insert];

/** In this order, because the last ones leave most to do behind: what is owed is paid as soon as a server is up. */
const groups: Record<string, () => Promise<Row[]>> = {
    intake: async () => (await import("./rows/intake")).intake({ seconds, port, bare, insert }),
    logins: async () => (await import("./rows/logins")).logins({ seconds, port, insert }),
    payouts: async () => (await import("./rows/payouts")).payouts({ port }),
    engine: async () => (await import("./rows/engine")).engine(seconds / 2),
    decisions: async () => (await import("./rows/decisions")).decisions({ seconds, port, insert }),
    referrals: async () => (await import("./rows/referrals")).referrals(),
    books: async () => (await import("./rows/books")).books({ seconds, insert }),
    settlements: async () => (await import("./rows/settlements")).settlements({ port }),
};

try {
    for (const [name, measure] of Object.entries(groups)) {
        if (positionals.length === 0 || positionals.includes(name)) rows.push(...(await measure()));
    }
} finally {
    printTable(rows);
    console.log(`as JSON: ${writeJson(rows)}`);
    await stop();
}
process.exit(0);
