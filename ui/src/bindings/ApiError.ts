// TEMP-BINDING until ts-rs writes this file
import type { Code } from "./Code";
import type { FieldError } from "./FieldError";
export type ApiError = { code: Code, message: string, hint: string, detail: string, fields: Array<FieldError> };
