import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Asker, askWith, signedIn } from "../fixtures/api";
import { bringAFriend } from "../fixtures/story/Merchant";
import { buys, newClient, newOrderId, type Tea, teaStory } from "../fixtures/tea";

let tea: Tea;
let ada: Asker;
let campaigns: string;
beforeAll(async () => {
    tea = await teaStory();
    ada = await signedIn(tea.ada);
    campaigns = `/business/v1/merchants/${tea.merchantId}/campaigns`;
    for (const name of ["b", "c", "d", "e", "f", "g"]) await draft(name);
});

const draft = (name: string) =>
    ada("POST", campaigns, { json: { name, definition: bringAFriend } });

/** Every page of a list, as the names that are on it. */
async function pagesOf(
    asker: Asker,
    path: string,
    between: () => Promise<unknown> = async () => undefined
): Promise<string[][]> {
    const pages: string[][] = [];
    let query = "";
    do {
        const { status, body } = await asker(
            "GET",
            `${path}${path.includes("?") ? "&" : "?"}limit=3${query}`
        );
        expect(status).toBe(200);
        pages.push(body.items.map(({ name, id }: Record<string, string>) => name ?? id));
        query = `&cursor=${encodeURIComponent(body.nextCursor)}`;
        if (body.nextCursor === null) return pages;
        await between();
    } while (pages.length < 20);
    throw new Error("The list has no end");
}

describe("a list", () => {
    test("is walked from the newest to the oldest, all of it, each once", async () => {
        expect(await pagesOf(ada, campaigns)).toEqual([
            ["g", "f", "e"],
            ["d", "c", "b"],
            ["Bring a friend"],
        ]);
    });

    test("ends with its last item, not with an empty page after it", async () => {
        const { body } = await ada("GET", `${campaigns}?limit=7`);
        expect([body.items.length, body.nextCursor]).toEqual([7, null]);
        const { body: six } = await ada("GET", `${campaigns}?limit=6`);
        expect([six.items.length, typeof six.nextCursor]).toEqual([6, "string"]);
    });

    test("is twenty long when nobody says how long, and of nothing is empty", async () => {
        const { body } = await ada("GET", `/business/v1/merchants/${tea.merchantId}/purchases`);
        expect(body).toEqual({ items: [], nextCursor: null });
    });

    test("loses and repeats nothing when something new comes while it is walked", async () => {
        const other = await teaStory();
        const zoe = await signedIn(other.ada);
        const path = `/business/v1/merchants/${other.merchantId}/campaigns`;
        const add = (name: string) =>
            zoe("POST", path, { json: { name, definition: bringAFriend } });
        for (const name of ["b", "c", "d", "e"]) await add(name);
        let count = 0;
        const pages = await pagesOf(zoe, path, () => add(`late ${++count}`));
        expect(pages).toEqual([
            ["e", "d", "c"],
            ["b", "Bring a friend"],
        ]);
    });
});

test("every list is walked to its end", async () => {
    const shop = await teaStory();
    const zoe = await signedIn(shop.ada);
    const merchant = `/business/v1/merchants/${shop.merchantId}`;
    for (let order = 0; order < 7; order++)
        await buys(shop, { id: newOrderId(), clientId: shop.cleo.clientId });
    for (let other = 0; other < 3; other++) {
        await zoe("POST", "/business/v1/merchants", {
            json: { name: `Shop ${other}`, domain: `${randomUUID()}.localhost` },
        });
    }
    const ben = askWith({ "x-client-id": shop.ben.clientId });
    const lengths = async (asker: Asker, path: string) =>
        (await pagesOf(asker, path)).map(({ length }) => length);

    expect(await lengths(zoe, `${merchant}/purchases`)).toEqual([3, 3, 1]);
    expect(await lengths(zoe, `${merchant}/webhook-deliveries`)).toEqual([3, 3, 1]);
    expect(await lengths(zoe, "/business/v1/merchants")).toEqual([3, 1]);
    expect(await lengths(ben, `/wallet/v1/rewards?merchantId=${shop.merchantId}`)).toEqual([
        3, 3, 1,
    ]);
    const nobody = askWith({ "x-client-id": newClient(shop.merchantId).clientId });
    expect(await lengths(nobody, `/wallet/v1/rewards?merchantId=${shop.merchantId}`)).toEqual([0]);
});

describe("a cursor", () => {
    const asked = (cursor: string) =>
        ada("GET", `${campaigns}?limit=3&cursor=${encodeURIComponent(cursor)}`);
    const first = async () => (await ada("GET", `${campaigns}?limit=3`)).body.nextCursor as string;

    test("says nothing that could be read or made up", async () => {
        expect(await first()).toMatch(/^[\w-]+\.[\w-]{16}$/);
    });

    test("with any letter changed is refused", async () => {
        const cursor = await first();
        for (let place = 0; place < cursor.length; place++) {
            const letter = cursor[place] === "A" ? "B" : "A";
            const { status, body } = await asked(
                cursor.slice(0, place) + letter + cursor.slice(place + 1)
            );
            expect([place, status, body.error?.code]).toEqual([place, 400, "INVALID_CURSOR"]);
        }
    });

    test.each<[string, (cursor: string) => string]>([
        ["nothing", () => ""],
        ["a word", () => "tea"],
        ["an id without its seal", (cursor) => cursor.split(".")[0] ?? ""],
        ["a seal alone", (cursor) => `.${cursor.split(".")[1]}`],
        ["something behind it", (cursor) => `${cursor}.tea`],
        [
            "letters that mean nothing in between",
            (cursor) => `${cursor.slice(0, 4)}!${cursor.slice(4)}`,
        ],
        ["padding", (cursor) => cursor.replace(".", "=.")],
        [
            "the seal of another place",
            () => `${Buffer.from(randomUUID()).toString("base64url")}.AAAAAAAAAAAAAAAA`,
        ],
        ["an id as it is", () => randomUUID()],
    ])("that is %s is refused", async (_, change) => {
        const { status, body } = await asked(change(await first()));
        expect([status, body.error?.code]).toEqual([400, "INVALID_CURSOR"]);
    });
});
