export { service } from "../services/TeaService"; export const open = (db: { transaction(): void }) => db.transaction();
