/**
 * `npm run dev` and `npm test` on a machine that has only Node and npm: find Bun or fetch it from the npm
 * registry, install what the lockfile says, hand over. Needs nothing but Node (or Bun) itself.
 *
 *     node scripts/run.mjs <script or bun arguments…>
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const bun = findBun() ?? fetchBun();

install();
handOver(process.argv.slice(2));

/** The Bun that runs us, one fetched earlier, or the one on the path; never an older one than we ask for. */
function findBun() {
    const candidates = [process.versions.bun && process.execPath, fetchedBun(), "bun"];
    return candidates.find((candidate) => candidate && isRecent(versionOf(candidate)));
}

function fetchedBun() {
    return join(root, ".bun", "node_modules", "@oven", bunPackage(), "bin", "bun");
}

function versionOf(candidate) {
    const { stdout } = spawnSync(candidate, ["--version"], { encoding: "utf8" });
    return stdout?.trim();
}

function isRecent(version) {
    if (!version) return false;
    const [wanted, found] = [engines.bun, version].map((text) => text.split(".").map(Number));
    const differing = wanted.findIndex((part, index) => part !== found[index]);
    return differing < 0 || found[differing] > wanted[differing];
}

/** The platform package holds the binary itself, so this works where install scripts are switched off. */
function fetchBun() {
    const name = `@oven/${bunPackage()}@${engines.bun}`;
    say(`fetching ${name} from the npm registry`);
    const options = ["--prefix", join(root, ".bun"), "--no-save", "--ignore-scripts", "--no-audit"];
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const shell = process.platform === "win32";
    const { status } = spawnSync(npm, ["install", ...options, "--no-fund", name], {
        stdio: ["ignore", "ignore", "inherit"],
        shell,
    });
    if (status !== 0) fail(`npm could not install ${name}. Install Bun ${engines.bun} by hand.`);
    return fetchedBun();
}

function bunPackage() {
    const system = process.platform === "win32" ? "windows" : process.platform;
    const machine = process.arch === "arm64" ? "aarch64" : process.arch;
    return `bun-${system}-${machine}${isMusl() ? "-musl" : ""}${lacksAvx2() ? "-baseline" : ""}`;
}

function isMusl() {
    return process.platform === "linux" && existsSync("/etc/alpine-release");
}

function lacksAvx2() {
    if (process.platform !== "linux" || process.arch !== "x64") return false;
    return !readFileSync("/proc/cpuinfo", "utf8").includes("avx2");
}

function install() {
    if (!existsSync(join(root, "node_modules"))) say("installing packages from the lockfile");
    const { status, stderr, stdout } = spawnSync(bun, ["install", "--frozen-lockfile"], {
        cwd: root,
        encoding: "utf8",
    });
    if (status !== 0) fail(`bun install failed:\n${stdout}${stderr}`);
}

/** The child gets our signals (it shares our terminal's) and we end as it ended. */
function handOver(args) {
    const child = spawn(bun, args, { cwd: root, stdio: "inherit" });
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    process.on("SIGINT", () => undefined);
    child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

function say(text) {
    console.log(`commend  ${text}`);
}

function fail(text) {
    console.error(`commend  ${text}`);
    process.exit(1);
}
