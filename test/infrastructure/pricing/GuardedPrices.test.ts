import { describe, expect, test } from "vitest";
import { GuardedPrices } from "@/infrastructure/pricing/GuardedPrices";
import { priceText } from "@/infrastructure/pricing/priceText";
import { asCurrency } from "@/utils/money";
import { minutes } from "@/utils/time";
import { StoppedClock } from "../../fixtures/StoppedClock";

const euro = asCurrency("EUR");
const token = "0x00000000000000000000000000000000000000A1";
const at = "2026-11-21T09:30:00.000Z";

function guarded() {
    const clock = new StoppedClock();
    const source = { price: "1", asked: 0, isDown: false };
    const prices = new GuardedPrices(
        {
            pricesOf: async () => {
                source.asked++;
                if (source.isDown) throw new Error("no answer");
                return new Map([[euro, { price: source.price, source: "test", at }]]);
            },
        },
        clock
    );
    const read = async () => (await prices.pricesOf(token, [euro])).get(euro)?.price;
    return { clock, source, read };
}

describe("a price", () => {
    test("is asked for once in twenty minutes", async () => {
        const { clock, source, read } = guarded();
        await read();
        clock.passes(minutes(19));
        await read();
        expect(source.asked).toBe(1);
        clock.passes(minutes(1));
        await read();
        expect(source.asked).toBe(2);
    });

    test.each([
        ["1.2", "1.2"],
        ["0.8", "0.8"],
        ["1.200001", undefined],
        ["0.799999", undefined],
    ])("of 1 that becomes %s is then %s", async (next, believed) => {
        const { clock, source, read } = guarded();
        expect(await read()).toBe("1");
        clock.passes(minutes(20));
        source.price = next;
        expect(await read()).toBe(believed);
    });

    test("is nobody's guess while the source is down, and known again afterwards", async () => {
        const { clock, source, read } = guarded();
        source.isDown = true;
        expect(await read()).toBeUndefined();
        source.isDown = false;
        clock.passes(minutes(20));
        expect(await read()).toBe("1");
    });

    test("out of JSON is a plain decimal, and no price is none", () => {
        expect(priceText(1e-7)).toBe("0.0000001");
        expect(priceText(0.92)).toBe("0.92");
        expect([0, -1, Number.NaN, "1", undefined].map(priceText)).toEqual(
            Array(5).fill(undefined)
        );
    });
});
