export { service } from "../../domain/tea/services/TeaService";
