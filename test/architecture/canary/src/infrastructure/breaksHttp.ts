export { Elysia } from "elysia";
