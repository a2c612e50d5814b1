import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MessageBus } from "@/infrastructure/bus/MessageBus";
import { PostgresBus } from "@/infrastructure/bus/PostgresBus";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import { eventually } from "../fixtures/Server";

type Line = MessageBus & { start(): Promise<void>; stop(): Promise<void> };

/** What somebody heard, in the order of hearing. */
function listenTo(bus: MessageBus, topic: string) {
    const heard: string[] = [];
    let gaps = 0;
    const end = bus.subscribe(topic, {
        onMessage: (message) => void heard.push(message),
        onGap: () => void gaps++,
    });
    return { heard, end, gaps: () => gaps };
}

/** What every adapter promises; `breakLines` hangs up on everybody. */
function holds(makeLine: () => Line, breakLines: () => Promise<unknown>): void {
    let here: Line;
    let elsewhere: Line;
    let topic: string;
    beforeEach(async () => {
        [here, elsewhere, topic] = [makeLine(), makeLine(), `tea.${randomUUID()}`];
        await Promise.all([here.start(), elsewhere.start()]);
    });
    afterEach(() => Promise.all([here.stop(), elsewhere.stop()]));

    test("a message is heard by every process, also by the one that tells", async () => {
        const [ada, ben] = [listenTo(here, topic), listenTo(elsewhere, topic)];
        await here.publish(topic, "the kettle is on");
        await eventually(async () => ada.heard.length === 1 && ben.heard.length === 1);
        expect([ada.heard, ben.heard]).toEqual([["the kettle is on"], ["the kettle is on"]]);
    });

    test("messages of one process are heard in their order, to the last letter", async () => {
        const ben = listenTo(elsewhere, topic);
        const messages = ["", " ", "thé à la menthe 🍵", "'; drop table tea", "x".repeat(7_000)];
        for (const message of messages) await here.publish(topic, message);
        await eventually(async () => ben.heard.length === messages.length);
        expect(ben.heard).toEqual(messages);
    });

    test("what is too long for a message is refused, and not cut", async () => {
        await expect(here.publish(topic, "x".repeat(8_000))).rejects.toThrow(/too long/i);
    });

    test("a message of a transaction is heard when it commits, and not before", async () => {
        const ben = listenTo(elsewhere, topic);
        await database.transaction(async () => {
            await here.publish(topic, "inside");
            await elsewhere.publish(`${topic}.other`, "outside");
            expect(ben.heard).toEqual([]);
        });
        await eventually(async () => ben.heard.length === 1);
    });

    test("a message of a transaction that fails is never heard", async () => {
        const ben = listenTo(elsewhere, topic);
        const failing = database.transaction(async () => {
            await here.publish(topic, "no");
            throw new Error("the pot broke");
        });
        await expect(failing).rejects.toThrow("the pot broke");
        await here.publish(topic, "yes");
        await eventually(async () => ben.heard.length === 1);
        expect(ben.heard).toEqual(["yes"]);
    });

    test("a topic is heard by its own listeners, until they leave", async () => {
        const [ben, other] = [listenTo(elsewhere, topic), listenTo(elsewhere, `${topic}.other`)];
        ben.end();
        await here.publish(topic, "gone");
        await here.publish(`${topic}.other`, "here");
        await eventually(async () => other.heard.length === 1);
        expect([ben.heard, other.heard]).toEqual([[], ["here"]]);
    });

    test("a listener that fails does not keep others from hearing", async () => {
        elsewhere.subscribe(topic, {
            onMessage: () => {
                throw new Error("spilt");
            },
            onGap: () => undefined,
        });
        const ben = listenTo(elsewhere, topic);
        await here.publish(topic, "still");
        await eventually(async () => ben.heard.length === 1);
    });

    test("a line that breaks is mended, and listeners are told that they may have missed something", async () => {
        const ben = listenTo(elsewhere, topic);
        for (const times of [1, 2]) {
            await breakLines();
            await eventually(async () => ben.gaps() === times);
            await here.publish(topic, `again ${times}`);
            await eventually(async () => ben.heard.includes(`again ${times}`));
        }
    });

    test("nothing is heard after it was stopped", async () => {
        const [ada, ben] = [listenTo(here, topic), listenTo(elsewhere, topic)];
        await elsewhere.stop();
        await here.publish(topic, "late");
        await eventually(async () => ada.heard.length === 1);
        expect(ben.heard).toEqual([]);
    });
}

describe("PostgreSQL", () => {
    const name = `bus-${randomUUID()}`;
    const line = (connectionString = config.DATABASE_URL) =>
        new PostgresBus(database, { connectionString, name });

    holds(line, () =>
        database.rows(sql`select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = ${name}`)
    );

    test("out of reach at the start is no reason not to start: it is tried again", async () => {
        const failed = vi.fn();
        const bus = line("postgres://nobody@127.0.0.1:1/nowhere");
        bus.subscribe("tea", { onMessage: failed, onGap: failed });
        await bus.start();
        await bus.stop();
        expect(failed).not.toHaveBeenCalled();
    });
});
