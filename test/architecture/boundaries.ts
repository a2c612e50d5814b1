import type { ICruiseOptions, IRegularForbiddenRuleType } from "dependency-cruiser";

const src = (pattern: string) => `(^|/)src/${pattern}`;

type Rule = Pick<IRegularForbiddenRuleType, "from" | "to"> & { name: string; because: string };
const forbid = ({ because, ...rule }: Rule) =>
    ({ severity: "error", comment: because, ...rule }) as const;

/** Who may import whom. README.md draws it; the test beside this file proves that every rule bites. */
export const boundaries = [
    forbid({
        name: "no-cycles",
        from: {},
        to: { circular: true },
        because: "Two files that need each other are one file, or hide a third",
    }),
    forbid({
        name: "utils-know-nothing",
        from: { path: src("utils/") },
        to: { path: src("(?!utils/)") },
        because: "utils is vocabulary: ids, money, time, errors",
    }),
    forbid({
        name: "infrastructure-knows-no-domain",
        from: { path: src("infrastructure/") },
        to: { path: src("(api|orchestration|domain|jobs)/") },
        because: "Postgres and the chain do not know what we use them for",
    }),
    forbid({
        name: "domain-looks-down",
        from: { path: src("domain/") },
        to: { path: src("(api|orchestration|jobs)/") },
        because: "A service never calls an orchestrator",
    }),
    forbid({
        name: "orchestration-looks-down",
        from: { path: src("orchestration/") },
        to: { path: src("(api|jobs)/") },
        because: "An orchestrator does not know who calls it",
    }),
    forbid({
        name: "jobs-call-orchestrators",
        from: { path: src("jobs/") },
        to: { path: src("(api|domain)/") },
        because: "A job speaks time; what it does is a flow",
    }),
    forbid({
        name: "nobody-imports-api",
        from: { path: src("(?!api/|app\\.ts$)") },
        to: { path: src("api/") },
        because: "HTTP is the outermost layer; only the app mounts it",
    }),
    forbid({
        name: "orchestrators-are-peers",
        from: { path: src("orchestration/[^/]+Orchestrator\\.ts$") },
        to: { path: src("orchestration/[^/]+Orchestrator\\.ts$") },
        because: "A step that two flows share is a service",
    }),
    forbid({
        name: "contexts-are-strangers",
        from: { path: src("domain/([^/]+)/") },
        to: { path: src("domain/(?!$2/)") },
        because: "What two contexts do together is an orchestrator; what both say is in utils",
    }),
    forbid({
        name: "one-door-per-context",
        from: { path: src("(api|orchestration|jobs)/"), pathNot: src("orchestration/read/") },
        to: { path: src("domain/[^/]+/(?!index\\.ts$)") },
        because: "Outside a context, import its index.ts",
    }),
    forbid({
        name: "read-models-read-tables",
        from: { path: src("orchestration/read/") },
        to: { path: src("domain/[^/]+/(?!index\\.ts$|db/\\w+\\.ts$)") },
        because: "Reading across contexts sees their tables, never their insides",
    }),
    forbid({
        name: "repository-never-calls-a-service",
        from: { path: src("domain/[^/]+/repositories/") },
        to: { path: src("domain/[^/]+/(services/|context\\.ts|index\\.ts)") },
        because: "A repository reads and writes; it decides nothing",
    }),
    forbid({
        name: "queries-live-in-repositories",
        from: {
            path: src("(domain/[^/]+/services|orchestration|api|jobs)/"),
            pathNot: src("orchestration/read/"),
        },
        to: { path: "node_modules/(drizzle-orm|pg|mongodb)/" },
        because: "A query has one home, next to its table",
    }),
    forbid({
        name: "http-ends-in-api",
        from: { path: src("(domain|orchestration|infrastructure|utils|jobs)/") },
        to: { path: "node_modules/(elysia|@elysiajs)/" },
        because: "A service is also called by a job and by a test",
    }),
    forbid({
        name: "singletons-only-in-contexts",
        from: { path: src("(domain|orchestration)/"), pathNot: "/context\\.ts$" },
        to: {
            path: src(
                "infrastructure/(config/index|persistence/postgres|(blockchain|keys|queue|pricing|idempotency|bus|mail)/index|blockchain/client)\\.ts$"
            ),
            dependencyTypesNot: ["type-only"],
        },
        because: "Take it as a constructor parameter; context.ts hands it in",
    }),
];

export const options: ICruiseOptions = {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
        exportsFields: ["exports"],
        conditionNames: ["import", "types", "default"],
    },
};
