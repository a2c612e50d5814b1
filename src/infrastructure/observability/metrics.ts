import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

/** By route as it is written in the code, so that their number stays small. */
export const httpRequests = new Histogram({
    name: "commend_http_request_seconds",
    help: "Time to answer HTTP requests",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
});

export const jobRuns = new Counter({
    name: "commend_job_runs_total",
    help: "Background jobs by how they ended",
    labelNames: ["job", "outcome"],
    registers: [registry],
});

const backlogLabels = { labelNames: ["kind"] as const, registers: [registry] };

export const backlogSize = new Gauge({
    name: "commend_backlog",
    help: "Rows that wait for a job",
    ...backlogLabels,
});

export const backlogAge = new Gauge({
    name: "commend_backlog_age_seconds",
    help: "How long the oldest of them has waited",
    ...backlogLabels,
});
