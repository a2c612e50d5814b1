/**
 * Compiles the contracts into `contracts/artifacts`, which is committed: compiling takes seconds,
 * and the backend should start in less than one.
 *
 *     bun contracts/compile.ts            writes
 *     bun contracts/compile.ts --check    compiles again and compares; fails when anything differs
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";
import { compilerInput } from "./compilerInput";

type Contract = { abi: { type: string }[]; evm: { bytecode: { object: string } } };
type CompilerError = {
    severity: string;
    formattedMessage: string;
    sourceLocation?: { file: string };
};
type CompilerOutput = {
    contracts?: Record<string, Record<string, Contract>>;
    errors?: CompilerError[];
};
type Files = Record<string, string>;

const artifacts = join(dirname(fileURLToPath(import.meta.url)), "artifacts");

const input = compilerInput();
const files = { ...artifactsOf(compile(input.json)), "input.sha256": `${input.sha256}\n` };
if (process.argv.includes("--check")) check(files);
else write(files);

/** In what is ours, a warning is an error. */
function compile(json: string): CompilerOutput {
    const output: CompilerOutput = JSON.parse(solc.compile(json));
    const complaints = (output.errors ?? []).filter(
        ({ severity, sourceLocation }) =>
            severity === "error" || sourceLocation?.file.startsWith("contracts/")
    );
    if (complaints.length === 0) return output;
    throw new Error(complaints.map(({ formattedMessage }) => formattedMessage).join("\n"));
}

function artifactsOf({ contracts = {} }: CompilerOutput): Files {
    const files: Files = {};
    const ours = Object.entries(contracts).filter(([path]) => path.startsWith("contracts/"));
    for (const [path, inFile] of ours) {
        const folder = path.startsWith("contracts/test/") ? "test/" : "";
        for (const [name, contract] of Object.entries(inFile)) {
            if (isDeployable(contract)) files[`${folder}${name}.ts`] = moduleOf(name, contract);
        }
    }
    return files;
}

/** Interfaces have no code, and libraries that are inlined no functions of their own. */
function isDeployable({ abi, evm }: Contract): boolean {
    return evm.bytecode.object !== "" && abi.some(({ type }) => type === "function");
}

/** One entry of the ABI a line, so that a change can be read in a diff. */
function moduleOf(name: string, { abi, evm }: Contract): string {
    const entries = abi.map((entry) => `        ${JSON.stringify(entry)},\n`).join("");
    return [
        "// Written by contracts/compile.ts: change the contract, not this file.",
        `export const ${name} = {`,
        `    abi: [\n${entries}    ],`,
        `    bytecode:\n        "0x${evm.bytecode.object}",`,
        "} as const;\n",
    ].join("\n");
}

function write(files: Files): void {
    rmSync(artifacts, { recursive: true, force: true });
    for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(artifacts, name)), { recursive: true });
        writeFileSync(join(artifacts, name), content);
    }
    console.log(`${Object.keys(files).length} files written to contracts/artifacts`);
}

function check(files: Files): void {
    const present = committed();
    const names = new Set([...Object.keys(files), ...Object.keys(present)]);
    const wrong = [...names].filter((name) => files[name] !== present[name]);
    if (wrong.length === 0) {
        console.log("contracts/artifacts is what the contracts say");
    } else {
        console.error(`Run "bun contracts/compile.ts": not current are ${wrong.sort().join(", ")}`);
        process.exitCode = 1;
    }
}

function committed(): Files {
    const entries = readdirSync(artifacts, { recursive: true, withFileTypes: true });
    const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
    return Object.fromEntries(
        paths.map((path) => [path.slice(artifacts.length + 1), readFileSync(path, "utf8")])
    );
}
