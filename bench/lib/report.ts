import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { Measured } from "./load";

export type Row = {
    name: string;
    measured: Measured;
    /** What the goal is compared with, in the same run. */
    floor?: Row;
    goal?: string;
};

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const ms = (value: number): string => value.toFixed(1);

/** The table for people. */
export function printTable(rows: readonly Row[]): void {
    const cells = rows.map(({ name, measured, floor, goal }) => ({
        what: name,
        "per second": whole(measured.perSecond),
        "p50 ms": ms(measured.p50),
        "p99 ms": ms(measured.p99),
        failed: measured.failed,
        "of its floor": floor
            ? `${(measured.perSecond / floor.measured.perSecond).toFixed(2)}×`
            : "",
        goal: goal ?? "",
    }));
    console.table(cells);
}

/** The same for machines, with what it was measured on. */
export function writeJson(rows: readonly Row[]): string {
    const [cpu] = cpus();
    const report = {
        at: new Date().toISOString(),
        machine: { cpu: cpu?.model, cores: cpus().length, memoryGib: totalmem() / 2 ** 30 },
        bun: Bun.version,
        rows: rows.map(({ name, measured, floor, goal }) => ({
            name,
            ...measured,
            floor: floor?.name,
            ratio: floor && measured.perSecond / floor.measured.perSecond,
            goal,
        })),
    };
    mkdirSync("bench/results", { recursive: true });
    const path = `bench/results/${report.at.replaceAll(":", "-")}.json`;
    writeFileSync(path, `${JSON.stringify(report, null, 4)}\n`);
    return path;
}
