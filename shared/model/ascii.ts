/** Codes of the characters that texts are taken apart by. */
export const ZERO = 0x30;
export const NINE = 0x39;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const SPACE = 0x20;
export const DASH = 0x2d;
export const ASCII_MAX = 0x7f;
