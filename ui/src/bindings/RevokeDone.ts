// TEMP-BINDING until ts-rs writes this file
export type RevokeDone = { acknowledged: boolean, queued: boolean, page: string };
