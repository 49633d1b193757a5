// TEMP-BINDING until ts-rs writes this file
import type { Me } from "./Me";
export type LoginDone = { me: Me, token: string, expires_at: number };
