import { STATUS_CODES } from "node:http";

type Fields = Record<string, unknown>;
type Media = { content?: Record<string, { schema?: Fields }> };
type Parameter = { examples?: unknown; schema?: Fields };
type Answer = Media & { description?: string };
type Operation = {
    parameters?: Parameter[];
    requestBody?: Media;
    responses?: Record<string, Answer>;
};
type Document = { paths: Record<string, Record<string, Operation>> };

/** What the plugin writes in the words of OpenAPI 3.0 and of Elysia's own types, in those of 3.1. */
export function openApi31<Written extends Document>(document: Written): Written {
    const paths = Object.fromEntries(
        Object.entries(document.paths).map(([path, operations]) => [
            path,
            Object.fromEntries(
                Object.entries(operations).map(([method, one]) => [method, operation(one)])
            ),
        ])
    );
    return plainIntegers({ ...document, paths }) as Written;
}

function operation({ parameters, requestBody, responses = {}, ...rest }: Operation): Operation {
    return {
        ...rest,
        ...(parameters ? { parameters: parameters.map(parameter) } : {}),
        ...(requestBody ? { requestBody: jsonAlone(requestBody) } : {}),
        responses: Object.fromEntries(
            Object.entries(responses).map(([status, one]) => [status, answer(status, one)])
        ),
    };
}

/** An example belongs to the schema: beside it 3.1 wants a map of them. */
function parameter({ examples, schema, ...rest }: Parameter): Parameter {
    return { ...rest, schema: { ...schema, ...(examples ? { examples } : {}) } };
}

function answer(status: string, response: Answer): Answer {
    const { content } = jsonAlone(response);
    const description = response.description ?? STATUS_CODES[status] ?? status;
    return { ...response, description, ...(content ? { content } : {}) };
}

/** We neither read nor write anything else. */
function jsonAlone<Body extends Media>(body: Body): Body {
    const json = body.content?.["application/json"];
    return json ? { ...body, content: { "application/json": json } } : body;
}

/** Elysia takes an integer as text as well, because of queries. In a body there are none. */
function plainIntegers(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plainIntegers);
    if (typeof value !== "object" || value === null) return value;
    const { anyOf, ...rest } = value as { anyOf?: Fields[] };
    const isInteger = anyOf?.some((one) => one["type"] === "string" && one["format"] === "integer");
    const integer = isInteger && anyOf?.find((one) => one["type"] === "integer");
    const fields = integer ? { ...integer, ...rest } : (value as Fields);
    return Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [name, plainIntegers(field)])
    );
}
