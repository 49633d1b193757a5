// TEMP-BINDING until ts-rs writes this file
export type ConfirmShop = { id: string, right_shop: boolean };
