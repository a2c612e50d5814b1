import { randomInt } from "node:crypto";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { IdentityContext, type NodeKey } from "@/domain/identity";
import { PurchasesContext } from "@/domain/purchases";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import { ask } from "../fixtures/api";
import { phone, signUp } from "../fixtures/signUp";
import { type Client, newOrderId, type Tea, teaStory, tells, workOff } from "../fixtures/tea";

const { identities, mailCodes, personalValues } = IdentityContext.services;
const { recording } = PurchasesContext.services;
const { erasure, identityMerge } = OrchestrationContext;

/** Where a text stands in any text, jsonb, array or bytea column of any table, bodies unpacked. */
async function tracesOf(values: readonly string[]): Promise<string[]> {
    const columns = await database.rows<{ table: string; column: string; type: string }>(sql`
        select table_name as "table", column_name as "column", data_type as type
        from information_schema.columns
        where table_schema in ('public', 'graphile_worker')
            and data_type in ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying')`);
    expect(columns.length).toBeGreaterThan(60);
    const found: string[] = [];
    for (const { table, column, type } of columns) {
        const schema = (await isOurs(table)) ? "public" : "graphile_worker";
        const of = sql`${sql.identifier(schema)}.${sql.identifier(table)}`;
        const cast = type === "bytea" ? sql.raw("") : sql.raw("::text");
        const rows = await database.rows<{ value: string | Buffer | null }>(
            sql`select ${sql.identifier(column)}${cast} as value from ${of}`
        );
        const texts = rows.map(({ value }) => readable(value)).join("\n");
        for (const value of values)
            if (texts.toLowerCase().includes(value.toLowerCase()))
                found.push(`${table}.${column}: ${value}`);
    }
    return found;
}
const isOurs = async (table: string) =>
    (
        await database.rows(sql`select 1 from information_schema.tables
        where table_schema = 'public' and table_name = ${table}`)
    ).length > 0;

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
function readable(value: string | Buffer | null): string {
    if (!Buffer.isBuffer(value)) return value ?? "";
    const isPacked = value.subarray(0, 4).equals(magic);
    return (isPacked ? Bun.zstdDecompressSync(value) : value).toString("latin1");
}

type Buyer = Client & { email: string; customerId: string; street: string };

const newBuyer = (client: Client, name: string): Buyer => ({
    ...client,
    email: `${name}.${randomInt(1e9)}@example.com`,
    customerId: `7${randomInt(1e11, 2e11)}`,
    street: `${randomInt(1e9)} ${name} Lane`,
});

/** The shop's own words about an order and who bought it. */
function orderOf({ clientId, email, customerId, street }: Buyer, id = newOrderId()): string {
    const order = JSON.parse(shopifyOrder({ id: "1", clientId }));
    const home = { address1: street, customer_id: Number(customerId) };
    const customer = { id: Number(customerId), email, default_address: home };
    const text = JSON.stringify({
        ...order,
        name: "#77",
        email,
        contact_email: email.toUpperCase(),
        customer,
        billing_address: { ...order.billing_address, address1: street },
    });
    return text.replace('"id":1,', `"id":${id},`);
}

async function buys(tea: Tea, buyer: Buyer): Promise<void> {
    await tells(tea, orderOf(buyer));
    await workOff();
}

/** What another topic says of a customer; none of our business, and kept as it came all the same. */
const customerUpdate = ({ email, customerId, street }: Buyer): string =>
    `{"id":${customerId},"email":"${email.replace("@", "\\u0040")}","note":"lives at ${street}"}`;

/** Before anybody said who they are, the shop only knows the browser. */
const checkoutOf = ({ clientId }: Buyer, note: string): string =>
    JSON.stringify({ note_attributes: [{ name: "_client_id", value: clientId }], note });

async function books() {
    return database.rows(sql`
        select (select count(*) from purchases)::int as purchases,
            (select sum(total) from purchases) as bought, (select sum(amount) from rewards) as owed,
            (select sum(used) from campaign_budgets) as used`);
}

test("whoever is forgotten is found nowhere, others are untouched, and the books are the same", async () => {
    const tea = await teaStory();
    const [cleo, dan] = [newBuyer(tea.cleo, "cleo"), newBuyer(tea.ben, "dan")];
    const holder = await signUp("Cleo's own label");
    const headers = { "x-client-id": cleo.clientId };
    const json = { merchantId: tea.merchantId };
    const key = "a-key-that-is-kept";
    await holder.ask("POST", "/wallet/v1/identity/ensure", {
        json,
        headers: { ...headers, "idempotency-key": key },
    });
    await ask("POST", "/wallet/v1/track/arrival", {
        headers,
        json: {
            ...json,
            landingUrl: "https://tea.example/cleos-secret-page",
            utm: { source: "cleos-utm" },
        },
    });
    await ask("POST", "/wallet/v1/track/purchase", {
        headers,
        json: { ...json, orderId: "5", token: "cleos-token" },
    });
    await buys(tea, cleo);
    await buys(tea, dan);
    await tells(tea, customerUpdate(cleo), { topic: "customers/update" });
    await tells(tea, checkoutOf(cleo, "cleos-basket"), { topic: "checkouts/create" });
    await holder.ask("POST", "/wallet/v1/auth/sdk", {
        json,
        headers: { "idempotency-key": "another-key-that-is-kept" },
    });
    await workOff();
    await remember(cleo);

    const claims = await database.rows<{ lookup: string }>(
        sql`select token_lookup as lookup from purchase_claims`
    );
    expect(claims).toHaveLength(1);

    const values = [
        ...claims.map(({ lookup }) => lookup),
        cleo.clientId,
        cleo.email,
        cleo.customerId,
        cleo.street,
        identities.clientLookup(cleo.clientId),
        emailKeyOf(cleo).lookup,
        ...customerKeysOf(cleo, tea).map(({ lookup }) => lookup),
        phone,
        "Cleo's own label",
        "cleos-secret-page",
        "cleos-utm",
        key,
        "cleos-basket",
        "another-key-that-is-kept",
    ];
    const before = (await tracesOf(values)).join("\n").toLowerCase();
    for (const value of values) expect(before).toContain(value.toLowerCase());
    const booksBefore = await books();

    await holder.stepUp();
    await holder.ask("DELETE", "/wallet/v1/identity/me");
    await erasure.eraseDue();

    expect(await tracesOf(values)).toEqual([]);
    expect(await books()).toEqual(booksBefore);
    expect(await database.rows(sql`select 1 from identity_keys`)).toEqual([]);
    expect(await database.rows(sql`select 1 from identity_mail_codes`)).toEqual([]);
    expect(
        await database.rows(sql`select step, sealed_traces, wallet from identity_erasures`)
    ).toEqual([{ step: "done", sealed_traces: null, wallet: null }]);
    const dans = (await tracesOf([dan.email, dan.street])).join();
    expect(dans).toContain("webhook_deliveries.body");
    const [group] = await identities.find([dan.key]);
    expect(group).toBeDefined();
});

test("a shop's customer is forgotten by that shop, whoever they are", async () => {
    const [tea, coffee] = [await teaStory(), await teaStory()];
    const eve = newBuyer(tea.cleo, "eve");
    const elsewhere = newBuyer(coffee.cleo, "eve-elsewhere");
    await buys(tea, eve);
    await buys(coffee, { ...elsewhere, street: eve.street });
    const nodes = customerKeysOf(eve, tea);
    await erasure.eraseCustomer({ ...tea, ...eve, nodes });
    await erasure.eraseDue();

    const values = [eve.clientId, eve.email, eve.customerId];
    expect(await tracesOf([...values, ...nodes.map(({ lookup }) => lookup)])).toEqual([]);
    expect(await tracesOf([elsewhere.email])).not.toEqual([]);
    expect(await tracesOf([eve.street])).toHaveLength(1);
});

test("a shop has no say in what its customer told us themselves", async () => {
    const tea = await teaStory();
    const ida = newBuyer(tea.cleo, "ida");
    await buys(tea, ida);
    const groupId = await remember(ida);
    await erasure.eraseCustomer({ ...tea, ...ida, nodes: customerKeysOf(ida, tea) });
    await erasure.eraseDue();
    expect(await tracesOf([ida.street])).toEqual([]);
    expect(await personalValues.reveal(groupId)).toEqual([ida.email]);
    expect(await tracesOf([emailKeyOf(ida).lookup])).not.toEqual([]);
});

test("a customer whom nobody knows is looked for in the inbox all the same", async () => {
    const tea = await teaStory();
    const fay = newBuyer(tea.cleo, "fay");
    await tells(tea, customerUpdate(fay), { topic: "customers/update" });
    await workOff();
    expect(await tracesOf([fay.street])).toHaveLength(1);
    await erasure.eraseCustomer({ ...tea, ...fay, email: undefined, nodes: [] });
    await erasure.eraseDue();
    expect(await tracesOf([fay.street])).toEqual([]);
});

test("what is not processed yet is waited for, so that no money is forgotten", async () => {
    const tea = await teaStory();
    const gil = newBuyer(tea.cleo, "gil");
    await tells(tea, orderOf(gil));
    await erasure.eraseCustomer({ ...tea, ...gil, nodes: [] });
    await erasure.eraseDue();
    expect(await tracesOf([gil.street])).toEqual([`webhook_deliveries.body: ${gil.street}`]);

    await workOff();
    const [{ count } = { count: 0 }] = await database.rows<{ count: number }>(
        sql`select count(*)::int as count from purchases where merchant_id = ${tea.merchantId} and total > 0`
    );
    expect(count).toBe(1);
    await database.current.execute(
        sql`update identity_erasures set due_at = now() - interval '1 second' where step <> 'done'`
    );
    await erasure.eraseDue();
    expect(await tracesOf([gil.street])).toEqual([]);
});

test("a value is kept under a key of the person's, follows them in a merge, and is told to nobody else", async () => {
    const tea = await teaStory();
    const hal = newBuyer(tea.cleo, "hal");
    await remember(hal);
    expect(await tracesOf([hal.email])).toEqual([]);

    const wallet = identities.keyOf({ kind: "wallet", wallet: `0x${"ab".repeat(20)}` });
    const winner = await identityMerge.unite({
        keys: [wallet, hal.key],
        reason: "test",
        evidence: {},
    });
    expect(await personalValues.reveal(winner as GroupId)).toEqual([hal.email]);
});

const emailKeyOf = ({ email }: Buyer) => identities.keyOf({ kind: "email", email });

const customerKeysOf = ({ customerId, email }: Buyer, { merchantId }: Tea): NodeKey[] =>
    recording
        .buyerLookups("shopify", customerId, email)
        .map((lookup) => ({ kind: "customer", lookup, merchantId }));

/** They proved the mailbox, and asked for one more code. */
async function remember(buyer: Buyer): Promise<GroupId> {
    const keys = [buyer.key, emailKeyOf(buyer)];
    await identityMerge.unite({ keys, reason: "verifiedEmail", evidence: {} });
    return database.transaction(async () => {
        const [groupId] = await identities.resolve([buyer.key]);
        await personalValues.remember(groupId as GroupId, buyer.email);
        await mailCodes.issue(groupId as GroupId, buyer.email);
        return groupId as GroupId;
    });
}
