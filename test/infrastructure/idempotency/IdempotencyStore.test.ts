import { beforeEach, describe, expect, test } from "vitest";
import { idempotencyKeys } from "@/infrastructure/idempotency/db/schema";
import { IdempotencyStore } from "@/infrastructure/idempotency/IdempotencyStore";
import { secretBox } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import { hours, later, minutes } from "@/utils/time";

const morning = new Date("2026-11-21T09:00:00.000Z");
let now: Date;
const store = new IdempotencyStore(database, secretBox, { now: () => now });
const ada = { caller: "ada", key: "first-campaign" };
const answer = { status: 201, headers: { "content-type": "application/json" }, body: '{"id": 1}' };

const rows = () => database.current.select().from(idempotencyKeys);
const passes = (ms: number) => {
    now = later(now, ms);
};

beforeEach(async () => {
    now = morning;
    await database.current.delete(idempotencyKeys);
});

describe("a key", () => {
    test("is the first one's to run", async () => {
        expect(await store.begin(ada, "draft")).toEqual({ state: "ours" });
    });

    test("of a request under way is running, to whoever sends the same again", async () => {
        await store.begin(ada, "draft");
        expect(await store.begin(ada, "draft")).toEqual({ state: "running" });
    });

    test("that is answered gives the same answer again", async () => {
        await store.begin(ada, "draft");
        await store.keep(ada, answer);
        expect(await store.begin(ada, "draft")).toEqual({ state: "answered", answer });
        expect(await store.begin(ada, "draft")).toEqual({ state: "answered", answer });
    });

    test("gives an empty answer again as well", async () => {
        const empty = { status: 204, headers: {}, body: "" };
        await store.begin(ada, "delete");
        await store.keep(ada, empty);
        expect(await store.begin(ada, "delete")).toEqual({ state: "answered", answer: empty });
    });

    test("of another request is reused, whether that one runs or has ended", async () => {
        await store.begin(ada, "draft");
        expect(await store.begin(ada, "another draft")).toEqual({ state: "reused" });
        await store.keep(ada, answer);
        expect(await store.begin(ada, "another draft")).toEqual({ state: "reused" });
    });

    test("is free again when there was no answer worth keeping", async () => {
        await store.begin(ada, "draft");
        await store.forget(ada);
        expect(await store.begin(ada, "another draft")).toEqual({ state: "ours" });
    });

    test("of another caller is another key", async () => {
        await store.begin(ada, "draft");
        await store.keep(ada, answer);
        for (const other of [
            { ...ada, caller: "zoe" },
            { ...ada, key: "second" },
        ]) {
            expect(await store.begin(other, "draft")).toEqual({ state: "ours" });
            await store.keep(other, { ...answer, status: 409 });
            expect(await store.begin(other, "draft")).toMatchObject({ answer: { status: 409 } });
            await store.forget(other);
        }
        expect(await store.begin(ada, "draft")).toEqual({ state: "answered", answer });
    });
});

describe("of many at once", () => {
    test("one runs", async () => {
        const turns = await Promise.all(
            Array.from({ length: 20 }, () => store.begin(ada, "draft"))
        );
        const states = turns.map(({ state }) => state).toSorted();
        expect(states).toEqual(["ours", ...Array(19).fill("running")].toSorted());
    });

    test("one takes over what was abandoned", async () => {
        await store.begin(ada, "draft");
        passes(minutes(2) + 1);
        const turns = await Promise.all(
            Array.from({ length: 20 }, () => store.begin(ada, "draft"))
        );
        expect(turns.filter(({ state }) => state === "ours")).toHaveLength(1);
    });
});

describe("as time passes", () => {
    test("a request that does not answer for two minutes died with its process", async () => {
        await store.begin(ada, "draft");
        passes(minutes(2));
        expect(await store.begin(ada, "draft")).toEqual({ state: "running" });
        passes(1);
        expect(await store.begin(ada, "draft")).toEqual({ state: "ours" });
    });

    test("an answer is kept for a day, and not longer", async () => {
        await store.begin(ada, "draft");
        passes(minutes(1));
        await store.keep(ada, answer);
        passes(hours(24));
        expect(await store.begin(ada, "draft")).toMatchObject({ state: "answered" });
        passes(1);
        expect(await store.begin(ada, "another draft")).toEqual({ state: "ours" });
        expect(await store.begin(ada, "another draft")).toEqual({ state: "running" });
    });

    test("what ran out is deleted, and nothing else", async () => {
        await store.begin(ada, "draft");
        await store.keep(ada, answer);
        await store.begin({ ...ada, key: "abandoned" }, "draft");
        passes(minutes(2) + 1);
        await store.deleteExpired(now);
        expect((await rows()).map(({ key }) => key)).toEqual([ada.key]);
    });
});

describe("what is kept", () => {
    test("cannot be read from a copy of the database: some answers are shown only once", async () => {
        await store.begin(ada, "webhook");
        await store.keep(ada, { ...answer, body: '{"secret": "shpss_teapot"}' });
        expect(JSON.stringify(await rows())).not.toContain("teapot");
    });

    test("does not open as the answer to somebody else", async () => {
        await store.begin(ada, "webhook");
        await store.keep(ada, answer);
        await database.current.update(idempotencyKeys).set({ caller: "zoe" });
        await expect(store.begin({ ...ada, caller: "zoe" }, "webhook")).rejects.toThrow(
            /No key opens/
        );
    });
});
