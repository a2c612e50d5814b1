import { expect, test } from "vitest";
import { saidIn, uuidsIn } from "@/domain/purchases/services/personalData";

const bytes = (text: string) => new TextEncoder().encode(text);

test("who bought is read where shops say it, whatever case or escape it is in", () => {
    const said = saidIn(
        bytes(`{"id":1,"email":"Ben\\u0040Example.com","contact_email":"b@example.com",
            "customer":{"id":82098291194123456789,"email":null,"default_address":{"customer_id":7}},
            "billing":{"email":"c@example.com"},"vendor":{"email":"shop@example.com"},"phone":"555"}`)
    );
    expect([...said.values].sort()).toEqual([
        "7",
        "82098291194123456789",
        "b@example.com",
        "ben@example.com",
        "c@example.com",
    ]);
    expect(said.text).toContain("ben@example.com");
    expect(said.text).toContain("shop@example.com");
});

test("what is not JSON is read as it is", () => {
    const id = "0191f2aa-7b1c-7cc1-8d2e-0123456789AB";
    const said = saidIn(bytes(`order=1&client=${id}&email=ben@example.com`));
    expect(said.values.size).toBe(0);
    expect(said.text).toContain("ben@example.com");
    expect(uuidsIn(said)).toEqual([id.toLowerCase()]);
});
