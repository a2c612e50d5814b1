/** Writes `.env.example` from the schema of the configuration; a test says when it is not current. */
import { writeFileSync } from "node:fs";
import type { TSchema } from "@sinclair/typebox";
import { Environment } from "@/infrastructure/config/schema";

const introduction = `# Everything that Commend reads from its environment. Made by scripts/writeEnvExample.ts: change
# src/infrastructure/config/schema.ts instead. \`npm run dev\` needs none of it. Lists are separated by commas.
`;

/** What has a default is commented out; what must be set in production stands there empty. */
export function envExample(): string {
    const required = new Set<string>(Environment.required);
    const variables = Object.entries(Environment.properties).map(([name, schema]) =>
        variable(name, schema, required.has(name))
    );
    return [introduction, ...variables].join("\n");
}

function variable(name: string, schema: TSchema, isRequired: boolean): string {
    const { description = "", default: standard } = schema;
    const words = wordsOf(schema);
    const choice = words ? ` (${words.join(", ")})` : "";
    const mark = standard === undefined && isRequired ? "" : "# ";
    const remark = standard === undefined && !isRequired ? " (optional)" : "";
    return `# ${description}${choice}${remark}\n${mark}${name}=${standard ?? ""}\n`;
}

function wordsOf({ anyOf }: TSchema): string[] | undefined {
    return anyOf?.map((one: { const: string }) => one.const);
}

if (import.meta.main) writeFileSync(".env.example", envExample());
