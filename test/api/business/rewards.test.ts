import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { PurchasesContext } from "@/domain/purchases";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { newId } from "@/utils/ids";
import { type Asker, signedIn } from "../../fixtures/api";
import { audit } from "../../fixtures/books";
import { buys, newOrderId, type Tea, teaStory } from "../../fixtures/tea";

const db = database.current;
const business = "/business/v1";

/** Cleo bought twice: Ben is owed for each, and so is she. */
async function afterTwoOrders(): Promise<{ tea: Tea; ada: Asker; eve: Asker }> {
    const tea = await teaStory();
    const { clientId } = tea.cleo;
    await buys(tea, { id: newOrderId(), clientId });
    await buys(tea, { id: newOrderId(), clientId });
    const eve = await teaStory();
    return { tea, ada: await signedIn(tea.ada), eve: await signedIn(eve.ada) };
}

describe("a merchant's rewards", () => {
    test("are listed in pages, and by what they are", async () => {
        const { tea, ada, eve } = await afterTwoOrders();
        const path = `${business}/merchants/${tea.merchantId}/rewards`;
        const first = await ada("GET", `${path}?limit=3`);
        expect(first.body.items).toHaveLength(3);
        const rest = await ada("GET", `${path}?limit=3&cursor=${first.body.nextCursor}`);
        expect(rest.body.items).toHaveLength(1);
        expect(rest.body.nextCursor).toBeNull();

        const cancelled = await ada("GET", `${path}?status=cancelled,expired`);
        expect(cancelled.body.items).toEqual([]);
        const early = await ada("GET", `${path}?to=2020-01-01T00:00:00Z`);
        expect(early.body.items).toEqual([]);
        expect((await ada("GET", `${path}?status=lost`)).status).toBe(400);
        expect((await eve("GET", path)).status).toBe(404);
    });

    test("are cancelled once, and the campaign may spend it again", async () => {
        const { tea, ada, eve } = await afterTwoOrders();
        const [reward] = await db.select().from(rewards);
        const path = `${business}/rewards/${reward?.id}/cancel`;
        const json = { reason: "fraud" };
        expect((await eve("POST", path, { json })).status).toBe(404);
        expect((await ada("POST", path, { json: {} })).status).toBe(400);
        const before = await audit();
        const answer = await (await signedIn(tea.ada))(
            "POST",
            `${business}/rewards/${(await ofTea(tea))?.id}/cancel`,
            { json }
        );
        expect(answer.body).toMatchObject({ status: "cancelled", reason: "fraud" });
        const again = await ada("POST", `${business}/rewards/${answer.body.id}/cancel`, { json });
        expect([again.status, again.body.error.code]).toEqual([409, "REWARD_NOT_CANCELLABLE"]);
        expect([before, await audit()]).toEqual([[], []]);
        const unknown = await ada("POST", `${business}/rewards/${newId()}/cancel`, { json });
        expect(unknown.status).toBe(404);
    });
});

const ofTea = async ({ merchantId }: Tea) =>
    (await db.select().from(rewards)).find((reward) => reward.merchantId === merchantId);

test("a merchant's books are read in pages, each transfer tied to the one before", async () => {
    const { tea, ada, eve } = await afterTwoOrders();
    const path = `${business}/merchants/${tea.merchantId}/ledger`;
    const first = await ada("GET", `${path}?limit=3`);
    expect(first.body.items.map(({ number }: { number: string }) => number)).toEqual([
        "4",
        "3",
        "2",
    ]);
    expect(first.body.items[0]).toMatchObject({
        kind: "granted",
        debit: { kind: "campaign", owner: tea.campaignId },
        credit: { kind: "available" },
    });
    const rest = await ada("GET", `${path}?limit=3&cursor=${first.body.nextCursor}`);
    expect(rest.body.items).toHaveLength(1);
    expect((await ada("GET", `${path}?cursor=MQ.forged`)).body.error.code).toBe("INVALID_CURSOR");
    expect((await eve("GET", path)).status).toBe(404);
});

describe("exports", () => {
    const exportOf = (tea: Tea, name: string) =>
        `${business}/merchants/${tea.merchantId}/export/${name}.csv`;
    const linesOf = (text: string) => text.split("\r\n").slice(0, -1);

    test("have a line of names, and one for each row of this merchant alone", async () => {
        const { tea, ada, eve } = await afterTwoOrders();
        const purchases = await ada("GET", exportOf(tea, "purchases"));
        expect(purchases.headers.get("content-type")).toBe("text/csv; charset=utf-8");
        expect(linesOf(purchases.text)).toHaveLength(3);
        const owed = linesOf((await ada("GET", exportOf(tea, "rewards"))).text);
        expect(owed).toHaveLength(5);
        expect(owed[0]).toMatch(/^id,campaignId,purchaseId,role,depth,asset,token,amount/);
        expect(owed[1]).toContain(`${tea.campaignId},`);
        const books = linesOf((await ada("GET", exportOf(tea, "ledger"))).text);
        expect(books.map((line) => line.split(",")[0])).toEqual(["number", "1", "2", "3", "4"]);
        expect((await eve("GET", exportOf(tea, "ledger"))).status).toBe(404);
        expect((await ada("GET", exportOf(tea, "secrets"))).status).toBe(400);
    });

    test("run nothing in a spreadsheet, and keep quotes, commas and lines in their cells", async () => {
        const { tea, ada } = await afterTwoOrders();
        const [one, two] = await PurchasesContext.services.purchases.list(tea.merchantId, {
            limit: 2,
            before: undefined,
            externalId: undefined,
        });
        const rename = (id: string | undefined, name: string) =>
            database.rows(sql`update purchases set external_name = ${name} where id = ${id ?? ""}`);
        await rename(one?.id, '=HYPERLINK("http://evil","x")');
        await rename(two?.id, 'tea, "green"\nand black');
        const { text } = await ada("GET", exportOf(tea, "purchases"));
        expect(text).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`);
        expect(text).toContain('"tea, ""green""\nand black"');
    });
});
