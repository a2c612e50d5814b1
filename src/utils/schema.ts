import {
    type Static,
    type TLiteral,
    type TSchema,
    type TUnion,
    Type,
    TypeGuard,
} from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { ValueError } from "@sinclair/typebox/value";
import { type FieldProblem, InvalidError } from "./errors";

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]) {
    return Type.Union(words.map((word) => Type.Literal(word))) as unknown as TUnion<
        TLiteral<Word>[]
    >;
}

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>();

/** A schema is compiled when it is first used: checking is ten times as fast from then on. */
function checkOf(schema: TSchema): TypeCheck<TSchema> {
    const known = compiled.get(schema);
    if (known) return known;
    const check = TypeCompiler.Compile(schema);
    compiled.set(schema, check);
    return check;
}

/** The value, if it has the form of the schema; else `INVALID_REQUEST` with every field that does not. */
export function assertShape<Schema extends TSchema>(
    schema: Schema,
    value: unknown,
    at = ""
): asserts value is Static<Schema> {
    const check = checkOf(schema);
    if (check.Check(value)) return;
    throw invalidRequest(problemsOf(check.Errors(value)).map(under(at)));
}

export function invalidRequest(details: readonly FieldProblem[]): InvalidError {
    const message = "The request does not have the documented form; see details";
    return new InvalidError("INVALID_REQUEST", message, { details });
}

/** Nobody reads more, and a hostile request must not have us write a hundred thousand. */
const maxProblems = 100;

/**
 * TypeBox says of a union only that no member fits. The member that came closest (the deepest fault) tells
 * the caller more, so its faults are named instead. One fault per field, a hundred fields at the most.
 */
export function problemsOf(errors: Iterable<ValueError>): FieldProblem[] {
    const problems = new Map<string, string>();
    for (const error of errors) {
        for (const { path, message } of explain(error)) {
            if (!problems.has(path)) problems.set(path, message);
        }
        if (problems.size >= maxProblems) break;
    }
    return [...problems].slice(0, maxProblems).map(([path, message]) => ({ path, message }));
}

function explain(error: ValueError): FieldProblem[] {
    const path = error.path.slice(1).replaceAll("/", ".");
    const words = wordsOf(error.schema);
    if (words) return [{ path, message: `Expected one of ${words.join(", ")}` }];
    const variants = variantsOf(error);
    const [sole] = variants;
    if (variants.length === 1 && sole) return sole;
    const [closest] = variants.sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    return closest && depth(closest) > depth([{ path }])
        ? closest
        : [{ path, message: messageOf(error) }];
}

/** What is wrong with a value by each member of a union; that it is not null is no fault of what is something. */
function variantsOf({ schema, value, errors }: ValueError): FieldProblem[][] {
    const members = TypeGuard.IsUnion(schema) ? schema.anyOf : [];
    const told = errors.map((variant) => problemsOf(variant));
    return value === null
        ? told
        : told.filter((_, position) => !TypeGuard.IsNull(members[position]));
}

const depth = (problems: readonly { path: string }[]): number =>
    Math.max(0, ...problems.map(({ path }) => path.split(".").length));

/** The words that a schema allows, where it is nothing but a list of them. */
function wordsOf(schema: TSchema): string[] | undefined {
    const isList =
        TypeGuard.IsUnion(schema) && schema.anyOf.every((one) => TypeGuard.IsLiteral(one));
    return isList ? schema.anyOf.map((one) => String((one as TLiteral).const)) : undefined;
}

function messageOf({ message, schema }: ValueError): string {
    const { description } = schema;
    return description ? `${message} (${description})` : message;
}

const under =
    (at: string) =>
    ({ path, message }: FieldProblem): FieldProblem => ({
        path: at && path ? `${at}.${path}` : at || path,
        message,
    });
