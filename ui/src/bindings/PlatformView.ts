// TEMP-BINDING until ts-rs writes this file
export type PlatformView = { id: string, trial_only: boolean, secret_mode: string, app_set: boolean, app_key: string, callback: string, doors: Array<string>, scopes: Array<string>, couriers: boolean, revoke_page: string };
