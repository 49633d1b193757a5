// TEMP-BINDING until ts-rs writes this file
export type TemplateView = { id: string, name: string, width_mm: number, height_mm: number };
