// TEMP-BINDING until ts-rs writes this file
export type SavePrinter = { id: string, name: string, address: string, language: string, dpi: number, width_mm: number, height_mm: number, gap_mm: number, speed: number, darkness: number, default: boolean };
