// TEMP-BINDING until ts-rs writes this file
export type Picture = { png_base64: string, width_dots: number, height_dots: number, dpi: number, width_mm: number, height_mm: number };
