/// <reference path="./.sst/platform/config.d.ts" />

/** Commend on AWS: two API replicas and a worker on one database, secrets from SST, migrations and a daily clean-up as tasks. */
export default $config({
    app: (input) => ({
        name: "commend",
        home: "aws",
        removal: input.stage === "production" ? "retain" : "remove",
        protect: input.stage === "production",
    }),
    async run() {
        const secret = (name: string) => new sst.Secret(name).value;
        const vpc = new sst.aws.Vpc("Network", { nat: "ec2" });
        const database = new sst.aws.Postgres("Database", { vpc, version: "16.4" });
        const cluster = new sst.aws.Cluster("Cluster", { vpc });
        const image = { context: ".", dockerfile: "ops/Dockerfile" };
        const { host, port, username, password, database: name } = database;
        const environment = {
            NODE_ENV: "production",
            DATABASE_URL: $interpolate`postgres://${username}:${password}@${host}:${port}/${name}`,
            RPC_URL: secret("RpcUrl"),
            CHAIN_ID: secret("ChainId"),
            REWARD_ASSETS: secret("RewardAssets"),
            PUBLIC_URL: secret("PublicUrl"),
            WALLET_ORIGINS: secret("WalletOrigins"),
            DASHBOARD_ORIGINS: secret("DashboardOrigins"),
            WEBAUTHN_RP_ID: secret("WebauthnRpId"),
            WEBAUTHN_ORIGINS: secret("WebauthnOrigins"),
            SESSION_SECRETS: secret("SessionSecrets"),
            JWT_KEYS: secret("JwtKeys"),
            ENCRYPTION_KEYS: secret("EncryptionKeys"),
            MASTER_KEY: secret("MasterKey"),
        };

        const run = { cluster, image, link: [database], environment };
        const api = new sst.aws.Service("Api", {
            ...run,
            environment: { ...environment, ROLE: "api" },
            scaling: { min: 2, max: 8, cpuUtilization: 70 },
            loadBalancer: {
                rules: [{ listen: "80/http", forward: "3030/http" }],
                health: { "3030/http": { path: "/ready" } },
            },
        });
        new sst.aws.Service("Worker", { ...run, environment: { ...environment, ROLE: "worker" } });
        new sst.aws.Task("Migrate", { ...run, command: ["bun", "scripts/migrate.ts"] });
        const command = ["bun", "scripts/job.ts", "deleteExpired"];
        const cleanUp = new sst.aws.Task("CleanUp", { ...run, command });
        new sst.aws.Cron("Daily", { schedule: "rate(1 day)", task: cleanUp });
        return { url: api.url };
    },
});
