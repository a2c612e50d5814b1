import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { beforeAll, describe, expect, test } from "vitest";
import { identityGroups } from "@/domain/identity/db/schema";
import { referralEdges, shareCodes } from "@/domain/referral/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { type Asker, ask, askWith, withWallet } from "../../fixtures/api";
import { type Tea, teaStory } from "../../fixtures/tea";

const path = "/wallet/v1/referral";
const newWallet = () => withWallet(privateKeyToAccount(generatePrivateKey()).address);
const codeOf = ({ body }: { body: { error: { code: string } } }) => body.error.code;

let tea: Tea;
let status: string;
beforeAll(async () => {
    tea = await teaStory();
    status = `${path}/status?merchantId=${tea.merchantId}`;
});

async function withCode(code?: string): Promise<{ asker: Asker; code: string }> {
    const asker = await newWallet();
    const answer = await asker("POST", `${path}/code`, { json: code ? { code } : {} });
    expect(answer.status).toBe(201);
    return { asker, code: answer.body.code };
}
const redeem = (asker: Asker, code: string) =>
    asker("POST", `${path}/code/redeem`, { json: { code } });

describe("a code of one's own", () => {
    test("is the one that was asked for, in capitals, or any", async () => {
        expect((await withCode("ben4te")).code).toBe("BEN4TE");
        expect((await withCode()).code).toMatch(/^[2-9A-HJKMNP-Z]{6}$/);
    });

    test("is one at a time", async () => {
        const { asker } = await withCode("ONEATA");
        const second = await asker("POST", `${path}/code`, { json: { code: "SECOND" } });
        expect([second.status, codeOf(second)]).toEqual([409, "ALREADY_ACTIVE"]);
    });

    test("of ten requests at once is one", async () => {
        const asker = await newWallet();
        const answers = await Promise.all(
            Array.from({ length: 10 }, () => asker("POST", `${path}/code`, { json: {} }))
        );
        expect(answers.map((answer) => answer.status).toSorted()).toEqual([
            201,
            ...Array.from({ length: 9 }, () => 409),
        ]);
    });

    test("is nobody else's, in any case, not even when it is given up; its owner may have it again", async () => {
        const { asker } = await withCode("MINE22");
        const eve = await newWallet();
        const taken = () => eve("POST", `${path}/code`, { json: { code: "mine22" } });
        expect(codeOf(await taken())).toBe("CODE_UNAVAILABLE");

        expect((await asker("DELETE", `${path}/code`)).status).toBe(204);
        expect(codeOf(await taken())).toBe("CODE_UNAVAILABLE");
        expect(codeOf(await redeem(eve, "MINE22"))).toBe("CODE_NOT_FOUND");

        const again = await asker("POST", `${path}/code`, { json: { code: "MINE22" } });
        expect([again.status, again.body]).toEqual([201, { code: "MINE22" }]);
        expect((await redeem(eve, "MINE22")).status).toBe(204);
    });

    test("that nobody has cannot be given up", async () => {
        const answer = await (await newWallet())("DELETE", `${path}/code`);
        expect([answer.status, codeOf(answer)]).toEqual([404, "CODE_NOT_FOUND"]);
    });

    test.each(["SHORT", "TOOLONG", "AB CD!", "ÄBCDEF", ""])("%j is none", async (code) => {
        const answer = await (await newWallet())("POST", `${path}/code`, { json: { code } });
        expect([answer.status, codeOf(answer)]).toEqual([400, "INVALID_REQUEST"]);
    });

    test("is suggested by how it begins, and only if it is free", async () => {
        const { asker } = await withCode("TAKEN7");
        for (const [stem, start] of [
            ["b", "B"],
            ["Cleo", "CLE"],
            ["taken7", "TAK"],
        ] as const) {
            const { body } = await asker("GET", `${path}/code/suggest?stem=${stem}`);
            expect(body.codes).toHaveLength(5);
            expect(new Set(body.codes).size).toBe(5);
            for (const code of body.codes) expect(code).toMatch(/^[A-Z\d]{6}$/);
            for (const code of body.codes) expect(code.startsWith(start)).toBe(true);
            expect(body.codes).not.toContain("TAKEN7");
        }
        const free = await asker("GET", `${path}/code/suggest?stem=FREE77`);
        expect(free.body.codes[0]).toBe("FREE77");
        expect((await asker("GET", `${path}/code/suggest?stem=a%20b`)).status).toBe(400);
    });
});

describe("a friend's code", () => {
    test("is redeemed once, in any case, and counts at every shop", async () => {
        const [ben, dan] = [await withCode(), await withCode()];
        const cleo = await newWallet();
        expect((await redeem(cleo, ben.code.toLowerCase())).status).toBe(204);
        const again = await redeem(cleo, dan.code);
        expect([again.status, codeOf(again)]).toEqual([409, "ALREADY_REDEEMED"]);
        expect((await cleo("GET", status)).body).toEqual({
            referred: true,
            since: expect.stringMatching(/^\d{4}-.*Z$/),
            code: ben.code,
        });
    });

    test("is neither one's own, nor unknown, nor of somebody whom one brought", async () => {
        const [ben, cleo] = [await withCode(), await withCode()];
        const own = await redeem(ben.asker, ben.code);
        expect([own.status, codeOf(own)]).toEqual([400, "SELF_REFERRAL"]);
        const unknown = await redeem(ben.asker, "ZZZZZZ");
        expect([unknown.status, codeOf(unknown)]).toEqual([404, "CODE_NOT_FOUND"]);
        await redeem(cleo.asker, ben.code);
        const circle = await redeem(ben.asker, cleo.code);
        expect([circle.status, codeOf(circle)]).toEqual([409, "WOULD_CYCLE"]);
    });

    test("brings its owner as the referrer to whoever comes with it in a link", async () => {
        const ben = await withCode();
        const dan = askWith({ "x-client-id": crypto.randomUUID() });
        const json = { merchantId: tea.merchantId, referralCode: ben.code };
        const { body } = await dan("POST", "/wallet/v1/track/arrival", { json });
        expect(body.referred).toBe(true);
        expect((await dan("GET", status)).body).toMatchObject({ referred: true, code: ben.code });
    });
});

describe("whoever was brought", () => {
    test("may undo it at one shop, or take the code back", async () => {
        const ben = await withCode();
        const cleo = await newWallet();
        await redeem(cleo, ben.code);
        const here = `${path}/referrer?merchantId=${tea.merchantId}`;

        expect((await cleo("DELETE", here)).status).toBe(204);
        expect((await cleo("GET", status)).body).toEqual({ referred: false });
        const gone = await cleo("DELETE", here);
        expect([gone.status, codeOf(gone)]).toEqual([404, "NO_REFERRER"]);

        expect((await cleo("DELETE", `${path}/referrer`)).status).toBe(204);
        expect((await redeem(cleo, ben.code)).status).toBe(204);
    });

    test("and nobody who never was has somebody to remove", async () => {
        const answer = await (await newWallet())("DELETE", `${path}/referrer`);
        expect([answer.status, codeOf(answer)]).toEqual([404, "NO_REFERRER"]);
    });
});

test("asking how things stand leaves no trace", async () => {
    const tables = [identityGroups, shareCodes, referralEdges];
    const counts = () => Promise.all(tables.map((table) => database.current.$count(table)));
    const before = await counts();
    const stranger = askWith({ "x-client-id": crypto.randomUUID() });
    expect((await stranger("GET", status)).body).toEqual({ referred: false });
    expect(await counts()).toEqual(before);
});

test.each([
    ["POST", "/code"],
    ["DELETE", "/code"],
    ["POST", "/code/redeem"],
    ["GET", "/code/suggest?stem=a"],
    ["DELETE", "/referrer"],
])("%s %s is for wallets alone", async (method, route) => {
    const json = method === "POST" ? { json: { code: "ABCDEF" } } : {};
    const headers = { "x-client-id": crypto.randomUUID() };
    const answer = await ask(method, `${path}${route}`, { ...json, headers });
    expect([answer.status, codeOf(answer)]).toEqual([401, "AUTH_REQUIRED"]);
});
