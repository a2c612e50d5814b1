/** `bun run bench`: what we measure, each beside its floor in the same run, as a table and as JSON. */
import { parseArgs } from "node:util";
import { printTable, type Row, writeJson } from "./lib/report";
import { setStage } from "./lib/stage";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const stage = await setStage();
const seconds = Number(values.seconds);
const { floors } = await import("./rows/floors");
const { intake } = await import("./rows/intake");
const { engine } = await import("./rows/engine");
const { decisions } = await import("./rows/decisions");

const rows: Row[] = [];
try {
    const [bare, insert] = await floors(seconds);
    rows.push(bare, insert);
    rows.push(...(await intake({ seconds, port: stage.port, bare, insert })));
    rows.push(...engine(seconds / 2));
    rows.push(...(await decisions({ seconds, port: stage.port, insert })));
} finally {
    await stage.stop();
}
printTable(rows);
console.log(`as JSON: ${writeJson(rows)}`);
process.exit(0);
