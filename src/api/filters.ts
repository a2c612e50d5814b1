import { t } from "elysia";

/** `?status=confirmed,refunded`: some of these, separated by commas; anything else is refused. */
export const SomeOf = <Value extends string>(values: readonly Value[]) =>
    t
        .Transform(
            t.String({
                pattern: `^(${values.join("|")})(,(${values.join("|")})){0,${values.length}}$`,
                description: `Separated by commas: ${values.join(", ")}`,
                examples: [values.slice(0, 2).join(",")],
            })
        )
        .Decode((text) => text.split(",") as Value[])
        .Encode((some) => some.join(","));

/** `?from=…&to=…`, the end not included. */
export const Period = t.Object({
    from: t.Optional(t.String({ format: "date-time" })),
    to: t.Optional(t.String({ format: "date-time" })),
});
